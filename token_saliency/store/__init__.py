"""The run directory: what is written there, whole or not at all, and how it is read back.

`report.json` is the full record and every other report file is made from it; `rows.parquet` and
`edits.parquet` hold every row and every edit, so that judging again runs no model.
"""

from token_saliency.store.comparisons import comparison_schema as comparison_schema
from token_saliency.store.comparisons import load_comparison as load_comparison
from token_saliency.store.comparisons import save_comparison as save_comparison
from token_saliency.store.files import remove_parts as remove_parts
from token_saliency.store.fingerprints import differing as differing
from token_saliency.store.fingerprints import folder_hash as folder_hash
from token_saliency.store.fingerprints import source_hash as source_hash
from token_saliency.store.journal import JOURNAL_FILE as JOURNAL_FILE
from token_saliency.store.journal import Journal as Journal
from token_saliency.store.journal import is_journal as is_journal
from token_saliency.store.journal import read_asked as read_asked
from token_saliency.store.lock import LOCK_FILE as LOCK_FILE
from token_saliency.store.lock import held as held
from token_saliency.store.parquet import EDITS_FILE as EDITS_FILE
from token_saliency.store.parquet import ROWS_FILE as ROWS_FILE
from token_saliency.store.parquet import read_edits as read_edits
from token_saliency.store.parquet import read_rows as read_rows
from token_saliency.store.parquet import write_edits as write_edits
from token_saliency.store.parquet import write_rows as write_rows
from token_saliency.store.records import dump_report as dump_report
from token_saliency.store.records import read_record as read_record
from token_saliency.store.records import render_to as render_to
from token_saliency.store.records import report_schema as report_schema
from token_saliency.store.records import save_again as save_again
from token_saliency.store.records import save_report as save_report
from token_saliency.store.records import save_run as save_run
