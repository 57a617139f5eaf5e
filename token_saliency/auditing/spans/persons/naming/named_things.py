"""Given names that are works, firms or places by the words beside them: `good in Leon`, `Charly is a film`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from token_saliency.auditing.spans.persons.naming.name_row import NameRow, is_capitalised

_REACH = 60
_KIND = (
    r"(?:films?|movies?|flicks?|documentar(?:y|ies)|biopics?|thrillers?|comed(?:y|ies)|dramas?|tales?|remakes?"
    r"|sequels?|prequels?|musicals?|operas?|novels?|sitcoms?|series|songs?|albums?|plays?|episodes?|books?|shows?"
    r"|masterpieces?|work|love stor(?:y|ies))"
)
_LOOK = (
    r"(?:look at|portrait of|account of|study of|exercise in|ride|adaptation|spectacle|romp|meditation on"
    r"|celebration of|examination of|exploration of|piece of (?:\w+ )?(?:cinema|film|art|fiction|drama))"
)
_KINDS = (
    r"(?:films|movies|flicks|documentaries|thrillers|comedies|dramas|remakes|sequels|musicals|operas|novels|series|songs"
    r"|albums|plays|books|shows)"
)
_MORE = r"(?: [A-Z][\w-]+){0,2}"
_UNJOINED = r"(?!(?:of|in|to|for|from|who|that|at|on|with|by|and|as|than|behind)\b)"
_IS_A_WORK = re.compile(
    rf"{_MORE},? (?:is|was|isn['’]t|is not|remains|feels like|plays like)(?: \w+ly)? (?:an?|the|one of the"
    r"|as [\w -]{1,40} as an?)"
    rf"(?: {_UNJOINED}[\w'’-]+,?){{0,4}}? (?:{_LOOK}\b|{_KIND}"
    r"(?=\s*(?:$|[,.;:!?)—]|--)| (?:of|about|that|which|with|without|to|for|from|by|on|at|in|and|but)\b))"
)
_CALLED_A_WORK = re.compile(
    rf"{_MORE} [a-z][a-z -]{{1,60}}? (?:be|being|been) (?:called|considered|termed) (?:any kind of|an?|the) "
    rf"(?:\w+ )?{_KIND}\b"
)
_BRACKETED = re.compile(
    rf"[\"”’']?(?:{_MORE} \((?:the )?(?:\d{{4}} )?(?:[a-z]+ )?(?:{_KIND}|band|ship|company|EP|TV)\b| \((?:19|20)\d\d\))"
)
_OF_WORKS = re.compile(
    rf"\b(?:{_KIND} (?:called|named|titled|entitled)|{_KINDS}(?: of [a-z]+)? (?:such as|like))"
    rf" (?:{_KIND} )?(?:[A-Z][\w'’-]* )*$"
)
_MADE_OF = re.compile(
    r"\b(?:remake|sequel|prequel|adaptation|(?:film|screen|stage|movie|[A-Z][a-z]+) version)"
    r" (?:of|to) (?:[\"“‘`']+ ?)?$"
    r"|\b(?:ferry|vessel|magazine|newspaper|manufacturer|supplier|brands?) $"
)
_WORK_BEFORE = re.compile(
    r"\b(?:film|movie|musical|sitcom|opera|novel|remake|documentary|biopic) (?:[A-Z]\w+ (?:and|&) )?$"
)
_OF_AN_AUTHOR = re.compile(
    r" (?:is|was|remains) [A-Z]\w+(?: [A-Z]\w+)?['’]s?"
    r" (?:most|least|best|worst|first|last|finest|latest|second|greatest)\b"
)
_SUBTITLED = re.compile(r" ?[-–:] (?:A|An|The) (?:[A-Z][\w'’]* ){1,5}(?:Movie|Story|Film|Adventure|Musical)\b")
_AND_HIS = re.compile(r" and (?:Her|His|Their|Me|Another|The)\b")
_IS_ONE = (
    r" (?:(?:does|has|is|was)n['’]t\b|(?:cops|includes|tells|tries|drags|fails|succeeds|delivers|features|plays)\b"
    r"|(?:is|was|has been|[Cc][Oo][Uu][Ll][Dd] have been) (?:an?|the) )"
)
_OPENS = r"(?:^|(?:[.!?>]|--) ?)"
_A_PAIR = (
    (re.compile(rf"{_OPENS}$"), re.compile(rf" (?:and|&) [A-Z][a-z]+{_IS_ONE}")),
    (re.compile(rf"{_OPENS}[A-Z][a-z]+ (?:and|&) $"), re.compile(_IS_ONE)),
)
_COMPOUND = re.compile(r" [A-Z]\w+(?:-[a-z]|esque)")
"""`Elena and Her Men`, `Ben & Arthur was a bore`, `a Bill Gates-allegory`."""
_BY_AN_AUTHOR = re.compile(r"[a-z]['’]s $")
_ON_A_STREET = re.compile(r"\b(?:at|near|by|outside|to) (?:the|a) [\w-]+ on $")
_FEW = 1500
"""The rank of a given name that few have."""
_APART = re.compile(r"\s*(?:$|[.,;:!?)(]| and [A-Z])")
_OWNED = re.compile(r"[\w'’ -]{0,24}['’]s?\b")
_OF_ITS = re.compile(r"\b(?:knows|had|has|and|with|of|from|to|for|like|all) its $")
_SUBJECT = re.compile(r"\s?[\"”’']+ (?:is|isn['’]t|was|will|has|makes|gets|does|can|could|would)\b")
_OF_A_SERIES = re.compile(rf"[\"”’'] (?:{_KIND}|virus|worm)\b")
_FEATURING = re.compile(r" (?:featuring|starring) ")
_OF_A_LIFE = re.compile(
    r"(?: [A-Z]\w+)?['’]s? (?:Diary|Story|Wedding|Daughter|Wife|Journey|Adventures?|Excellent|[B-HJ-Z](?![\w.]))\b"
    r"|(?: [A-Z]\w+) [a-z]+s (?:in|from|on|under|with) its\b"
)
"""`Bridget Jones's Diary`, `Janice Beard falters in its aspects`."""
_KNOWN_WORK = re.compile(
    r"\bthe (?:(?:over|under)[a-z]+ed|original|animated|remade|new|first|latest|classic) $|\b[Aa]n? [a-z-]+ed $"
)
_DIRECTOR = re.compile(r"\b[Dd]irector $")
_SHOW = re.compile(r"\bon $"), re.compile(r" (?:[\w']+ )?show\b")
_MUCH_OF = re.compile(r"\b(?:much|most|half|viewing|screening|minutes) of $")
_ITS_OWN = re.compile(
    r" (?!says|said|thinks|thought|knows|hopes|claims|swears|feels|heard)[a-z]+(?:ed|s)(?: [a-z]+){0,3} its [a-z]"
)
_FIRM_OWNS = re.compile(
    r"\s?['’]s?(?: [a-z-]+){0,2} (?:profits?|turnover|revenues?|earnings|shares|shareholders?|headquarters"
    r"|subsidiar(?:y|ies)|competitiveness|stock|board of directors)\b|(?:['’]s)? (?:division|unit|subsidiary|brand)s?\b"
)
_FIRM_REPORTS = re.compile(
    r" (?:said|says|reported|reports|posted|saw)(?: [\w.,%$-]+){0,7} (?:net|quarterly|operating|pretax|sales|turnover"
    r"|profits?|earnings|revenues?)\b"
    r"| (?:slips?|falls?|rises?|drops?|gains?|jumps?|slides?|tumbles?|soars?|climbs?|shares) (?:[\w.%$-]+ ){0,4}"
    r"(?:costs?|profits?|earnings|sales|results|outlook|forecasts?|revenues?|Q[1-4])\b"
    r"| (?:adds|acquires|buys|sells) (?:[\w.%$-]+ ){0,4}(?:acquisition|portfolio|stakes?|shares|subsidiar(?:y|ies))\b"
)
_FIRM_BEFORE = re.compile(
    r"\b(?:shares?|stocks?|subsidiary|shareholders?|brands?|acquisition|takeover|merger|purchase)"
    r" (?:of|include|such as|like) (?:[A-Z]\w+ ?,? (?:and )?)*$"
    r"|\bbrands? (?:include|are|such as|like|:)[^.!?]{0,40}$"
)
_BOUGHT = re.compile(r"\b(?:bought|sold|acquired|acquires|acquire|acquiring) $")
_FROM = re.compile(r" (?:from|for|in|to)\b")
_TICKER = re.compile(r"\b[A-Z]{2,6} ?: ?$")
_NAME_BEFORE = re.compile(r"[A-Z]\w*\.? $")
_HOUSE = re.compile(r"['’]s (?:was|has|had|were|will|are)\b")
_SMALL = re.compile(r"(?: [A-Z]\w+| the| of| a)+ [a-z]{4,} [a-z]")
_LISTED_TITLE = re.compile(r"(?: [A-Z]\w+)+,")
_OWNED_TITLE = re.compile(r" [A-Z]\w+ [A-Z]\w+ ?(?:[.,;!?]|$)"), re.compile(r"(?: [A-Z]\w+)?: [A-Z]")
_TITLED = re.compile(r"['’]s ([A-Z][a-z]+)(?: [A-Z][a-z]+){0,3}(?: [a-z]|[,.!?;:]|$)")
_DOING = re.compile(r"[a-z,] ([A-Z][a-z]{2,}ing) $")
_SINCE = re.compile(r"\bsince $"), re.compile(r" ?(?:[,.;]|$)")
_STARRING = re.compile(r"['’]s ([A-Z][a-z]+) [A-Z][a-z]")
_REFERENCE = re.compile(r", [A-Z][\w-]+(?: [A-Z][\w.-]*)?[.,]* \(?(?:1[5-9]|20)\d\d\b")
_LISTED = (
    re.compile(r"([^\W\d_]+\.? )?\b([^\W\d_]+)(?:,|,?( and| &| n?or)) $"),
    re.compile(r"(?:,|,?( and| &| n?or)) ([^\W\d_]+)( [^\W\d_]+)?"),
)
_ITEM, _NUMBERED = re.compile(r"\b\d{1,2}[.)] ?([^\W\d_]+)(?=\s*(?:$|\d{1,2}[.)]))"), re.compile(r"\d[.)] ?$")
FUNCTION = frozenset(
    "a an and are as at be by can come comes from go goes got had has have he her his i if in is it my n near of on or"
    " our said says she so that the their they this to u ur was we went were who will with you your".split()
)
_SUM = re.compile(r" ?[+/] ?[a-z]")
_BEFORE_VERBS, _THEM = frozenset({"to", "and"}), re.compile(r"(?:me|us|them|(?:theme?|our|my)sel\w+)$")


def is_named_thing(row: NameRow, i: int) -> bool:
    """Whether the words around it say that word i, which is a name elsewhere, names a work, a firm or a place."""
    return any(_reasons(row, i))


def _reasons(row: NameRow, i: int) -> Iterator[bool]:
    start, after = row.words[i].start(), row.after(i)
    before = row.text[max(0, start - _REACH) : start]
    alone = not _goes_on(row, i)
    owner = _OWNED.match(after) is not None
    if row.mixed and is_capitalised(row.word(i)):
        yield from _of_a_work(before, after, alone, owner)
        doing = _DOING.search(before)  # Waking Ned Devine
        yield doing is not None and doing[1].lower() not in row.surnames and row.knows(doing[1].lower())
        yield owns_a_title(row, i) or _begins_a_title(row, i)
        yield _BY_AN_AUTHOR.search(before) is not None and _OWNED_TITLE[1].match(after) is not None
        yield alone and _may_be_surname(row, i) and _is_among_surnames(row, before, after)
        capitals = row.word(i).isupper() and len(row.word(i)) > 1
        yield capitals and (_TICKER.search(before) or _BY_AN_AUTHOR.search(before)) is not None
        family = _REFERENCE.match(after) or (alone and after[:1] != ")" and _DIRECTOR.search(before))
        yield row.word(i).lower() in row.surnames and bool(family)
    if alone:
        yield not owner and (_MUCH_OF.search(before) or _OF_ITS.search(before)) is not None
        yield not owner and (_is_place_or_work(row, i) or _ON_A_STREET.search(before) is not None)
        yield (_SINCE[0].search(before) and _SINCE[1].match(after)) is not None  # the council: since Trent,
        yield _ITS_OWN.match(after) is not None
        yield _HOUSE.match(after) is not None
        yield _is_firm(before, after)
    rare = row.index[row.word(i).lower()].groups.get("sense") == "rare word"
    yield rare and _SUM.match(after) is not None
    yield _is_shop(row, i) or (_SHOW[0].search(before) and _SHOW[1].match(after)) is not None
    yield _BRACKETED.match(after) is not None
    yield _NUMBERED.search(before) is not None and _is_among_words(row)
    yield row.word(i).islower() and row.before(i).lower() in _BEFORE_VERBS and _THEM.match(row.next(i)) is not None


def tells_of_a_thing(text: str, start: int, end: int) -> bool:
    """Whether the word between two places of a text is called a firm or a work there: `shares of Salomon`."""
    before, after = text[max(0, start - _REACH) : start], text[end : end + _REACH]
    owner = _OWNED.match(after) is not None
    return not _NAME_BEFORE.search(before) and (
        _is_firm(before, after) or any(_of_a_work(before, after, alone=True, owner=owner))
    )


def _is_firm(before: str, after: str) -> bool:
    return (
        _FIRM_OWNS.match(after)
        or _FIRM_REPORTS.match(after)
        or _FIRM_BEFORE.search(before)
        or (_BOUGHT.search(before) and _FROM.match(after))
    ) is not None


def _of_a_work(before: str, after: str, alone: bool, owner: bool) -> Iterator[bool]:
    yield alone and _FEATURING.match(after) is not None
    yield any(told.match(after) for told in (_OF_AN_AUTHOR, _SUBTITLED, _AND_HIS, _COMPOUND))
    yield any(left.search(before) and right.match(after) for left, right in _A_PAIR)
    yield (_IS_A_WORK.match(after) or _CALLED_A_WORK.match(after) or _OF_A_LIFE.match(after)) is not None
    yield alone and not owner and _KNOWN_WORK.search(before) is not None
    yield before[-1:] in "\"“‘`' " and before.rstrip()[-1:] in tuple("\"“‘`'") and _SUBJECT.match(after) is not None
    yield before[-1:] in tuple("\"“‘`'") and _OF_A_SERIES.match(after) is not None
    yield not owner and _OF_WORKS.search(before) is not None
    yield alone and not owner and _MADE_OF.search(before) is not None
    yield _APART.match(after) is not None and _WORK_BEFORE.search(before) is not None


def _may_be_surname(row: NameRow, i: int) -> bool:
    """What the list of surnames has, and what few are called (Theron)."""
    low = row.word(i).lower()
    return low in row.surnames or int(row.index[low].groups.get("rank") or 0) > _FEW


def _is_among_surnames(row: NameRow, before: str, after: str) -> bool:
    """`Connery, Harris and Fishburn`, `Damon and Affleck`: beside who is told by a surname alone, or an unknown one."""
    left, right = _LISTED[0].search(before), _LISTED[1].match(after)
    beside = [(left[2], left[1], left[3])] if left else []
    beside += [(right[2], right[3] and right[3].strip(), right[1])] if right else []
    return any(_is_lone_surname(row, word, other or "", bool(joins)) for word, other, joins in beside)


def _is_lone_surname(row: NameRow, word: str, other: str, joins: bool) -> bool:
    low = word.lower()
    joined = is_capitalised(other) and other.strip().lower() not in row.listed("words")
    family = low in row.surnames or (joins and not (row.knows(low) or low in row.known("places")))
    surname = low not in row.index or row.index[low].groups.get("sense") == "surname"
    return is_capitalised(word) and family and surname and not joined


def _is_among_words(row: NameRow) -> bool:
    """`1. Over 2. Jada 3. Lovable`: a list of single words, few of which are names."""
    items = [hit[1].lower() for hit in _ITEM.finditer(row.text)]
    return 2 * sum(item in row.index for item in items) < len(items)


def _goes_on(row: NameRow, i: int) -> bool:
    """Whether a further part of a name follows: a capitalised word, in rows without capitals a surname."""
    following = row.next(i)
    return is_capitalised(following) if is_capitalised(row.word(i)) else following.lower() in row.surnames


def _is_place_or_work(row: NameRow, i: int) -> bool:
    """`good in Leon`, `an hour at Logan`; not `believe in Kevin`, `laugh at Kevin`."""
    said = row.word(i - 2).lower() if i > 1 else ""
    return row.before(i).lower() in ("in", "at") and said not in row.listed("toward_persons")


def _is_shop(row: NameRow, i: int) -> bool:
    """`ganesh dress shop`, `Kate Jackson rec center`, with words between that are no function words."""
    for j in range(i + 1, min(i + 4, len(row.words))):
        word = row.word(j)
        if not row.beside(j) or word in FUNCTION:
            return False
        if word in row.listed("shops"):
            return True
    return False


def _begins_a_title(row: NameRow, i: int) -> bool:
    """`called Freddy Gets Molested`, `Margarita Happy Hour drags on`, in a list: words with capitals follow, and
    then small ones, as in no headline."""
    words = row.next(i), row.next(i + 1)
    ordinary = all(word.istitle() and row.knows(word.lower().removesuffix("ed")) for word in words)
    if not ordinary or any(word.lower() in row.surnames or word.lower() in row.index for word in words):
        return False
    inside = row.before(i).islower() and row.before(i) != "s"
    listed = i > 0 and row.gap(i) == ", " and _LISTED_TITLE.match(row.after(i)) is not None
    owned = row.before(i) == "s" and _OWNED_TITLE[0].match(row.after(i)) is not None
    return inside or listed or owned or _SMALL.match(row.after(i)) is not None


def owns_a_title(row: NameRow, i: int) -> bool:
    """`Eden's Curve`, `Amelie's Audrey Tautou`: the word that is owned is an ordinary one with a capital inside a
    sentence, or a whole name."""
    star = _STARRING.match(row.after(i))
    if star and star[1].lower() in row.index:
        return True
    hit = _TITLED.match(row.after(i))
    word = hit[1].lower() if hit else ""
    return word in row.listed("words") and word not in row.known("gendered")
