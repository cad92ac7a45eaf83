"""Write the lines above a signature from the form of the authority.

Source: Decree 30/2020/NĐ-CP, Art. 13 and Appendix I.
"""

from engine.model.organisation import Agency, AgencyKind, AuthorityForm

#: Written before the head's title, for whom somebody signs.
_PREFIXES = {
    AuthorityForm.DEPUTY: "KT.",
    AuthorityForm.BY_ORDER: "TL.",
    AuthorityForm.BY_AUTHORISATION: "TUQ.",
}
COLLECTIVE_LINE = "TM. ỦY BAN NHÂN DÂN"


def signature_lines(
    form: AuthorityForm, agency: Agency, *, title: str, head_title: str
) -> tuple[str, ...]:
    """Return the lines printed above a signature, from `TM.` down to the signatory's title.

    Args:
        title: of the signatory's post; for `Q.` the head's title is printed.
        head_title: of the head in whose place somebody signs.
    """
    title, head_title = title.upper(), head_title.upper()
    collective = agency.kind is AgencyKind.PEOPLES_COMMITTEE
    if form is AuthorityForm.HEAD:
        return (title,)
    if form is AuthorityForm.COLLECTIVE:
        return (COLLECTIVE_LINE, title)
    if form is AuthorityForm.ACTING:
        return (f"Q. {head_title}",)
    lines = (f"{_PREFIXES[form]} {head_title}", title)
    # Only a deputy of a collective body signs for the body too.
    return (COLLECTIVE_LINE, *lines) if collective and form is AuthorityForm.DEPUTY else lines
