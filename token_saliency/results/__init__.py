"""The plain data of the project: what was explained, what was asked, what was found.

Nothing here computes, reads files or imports torch. `report.json` is `RunRecord` written out, and its
JSON Schema (`report.schema.json`) is generated from these classes. Probabilities and shares are
fractions of 1; intervals are (lower, upper) at the level 1 - 2 alpha; spans are half-open character
ranges of the ORIGINAL text.
"""

from token_saliency.results.about import ClassAccuracy as ClassAccuracy
from token_saliency.results.about import Cost as Cost
from token_saliency.results.about import DatasetInfo as DatasetInfo
from token_saliency.results.about import EndpointUse as EndpointUse
from token_saliency.results.about import LabelCheck as LabelCheck
from token_saliency.results.about import ModelInfo as ModelInfo
from token_saliency.results.about import Performance as Performance
from token_saliency.results.about import PromptInfo as PromptInfo
from token_saliency.results.about import SelfTest as SelfTest
from token_saliency.results.about import Tool as Tool
from token_saliency.results.attributions import Attribution as Attribution
from token_saliency.results.attributions import Attributions as Attributions
from token_saliency.results.attributions import BaselineAgreement as BaselineAgreement
from token_saliency.results.attributions import BaselineComparison as BaselineComparison
from token_saliency.results.attributions import Example as Example
from token_saliency.results.attributions import Predictions as Predictions
from token_saliency.results.attributions import Token as Token
from token_saliency.results.attributions import Word as Word
from token_saliency.results.comparison import CHANGES as CHANGES
from token_saliency.results.comparison import Change as Change
from token_saliency.results.comparison import ComparedAudit as ComparedAudit
from token_saliency.results.comparison import ComparedClaim as ComparedClaim
from token_saliency.results.comparison import ComparedPredictions as ComparedPredictions
from token_saliency.results.comparison import Comparison as Comparison
from token_saliency.results.comparison import Side as Side
from token_saliency.results.counterfactuals import Counterfactual as Counterfactual
from token_saliency.results.counterfactuals import FlipCurve as FlipCurve
from token_saliency.results.counterfactuals import FlipPoint as FlipPoint
from token_saliency.results.discovery import Calibration as Calibration
from token_saliency.results.discovery import Canary as Canary
from token_saliency.results.discovery import Discovered as Discovered
from token_saliency.results.evidence import AuditedSpan as AuditedSpan
from token_saliency.results.evidence import Edit as Edit
from token_saliency.results.evidence import ScoredRow as ScoredRow
from token_saliency.results.findings import Association as Association
from token_saliency.results.findings import AttributionShare as AttributionShare
from token_saliency.results.findings import AuditResult as AuditResult
from token_saliency.results.findings import Coverage as Coverage
from token_saliency.results.findings import EditedPair as EditedPair
from token_saliency.results.findings import EditedPicture as EditedPicture
from token_saliency.results.findings import Finding as Finding
from token_saliency.results.findings import Flips as Flips
from token_saliency.results.findings import ItemAssociation as ItemAssociation
from token_saliency.results.findings import ItemEffect as ItemEffect
from token_saliency.results.findings import ShownExample as ShownExample
from token_saliency.results.findings import SliceEffect as SliceEffect
from token_saliency.results.known import Known as Known
from token_saliency.results.known import KnownFinding as KnownFinding
from token_saliency.results.record import Audits as Audits
from token_saliency.results.record import RunRecord as RunRecord
from token_saliency.results.tables import Feature as Feature
from token_saliency.results.tables import FeatureImportance as FeatureImportance
from token_saliency.results.tables import ShuffledFeature as ShuffledFeature
from token_saliency.results.tables import TabularAttribution as TabularAttribution
from token_saliency.results.tables import TabularExplanation as TabularExplanation
from token_saliency.results.terms import BLOCKING as BLOCKING
from token_saliency.results.terms import DISCLAIMER as DISCLAIMER
from token_saliency.results.terms import READABLE as READABLE
from token_saliency.results.terms import SCHEMA_VERSION as SCHEMA_VERSION
from token_saliency.results.terms import VERDICTS as VERDICTS
from token_saliency.results.terms import Claim as Claim
from token_saliency.results.terms import Expectation as Expectation
from token_saliency.results.terms import Interval as Interval
from token_saliency.results.terms import Level as Level
from token_saliency.results.terms import Span as Span
from token_saliency.results.terms import Verdict as Verdict
from token_saliency.results.validation import Check as Check
from token_saliency.results.validation import Step as Step
from token_saliency.results.validation import Validation as Validation
