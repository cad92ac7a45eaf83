"""Files that people bring are rewritten in a child process, or refused for a reason they read."""

import re
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest

from engine.errors import ErrorCode, InvalidInputError, SignerUnavailableError, SigningError
from engine.layout.marks import TypstMarks
from engine.model.copy import ScanWarning
from engine.model.verification import SignatureRole, Verdict
from engine.ports_copies import Purpose
from engine.ports_signing import SignatureField
from signing.marking import PyHankoPageReader
from signing.normalising import active, rewriting, sandbox
from signing.normalising.child import serve
from signing.normalising.sandbox import SandboxedIntake
from signing.verification.process import Limits
from signing.verification.wire import READY, read_message, write_message
from tests.factories.pki_uploads import a_report, a_scan, saved
from tests.factories.pki_world import PkiWorld, a_world

Change = Callable[[pikepdf.Pdf], None]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> PkiWorld:
    return a_world(tmp_path_factory.mktemp("normalising") / "pki")


def changed(change: Change) -> bytes:
    with pikepdf.open(BytesIO(a_report())) as pdf:
        change(pdf)
        return saved(pdf)


def script(pdf: pikepdf.Pdf) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def with_annotation(pdf: pikepdf.Pdf, **entries: object) -> None:
    annotation = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Rect=pikepdf.Array([0, 0, 9, 9]), **entries
    )
    pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(annotation)])


def opens_with_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = script(pdf)


def has_named_script(pdf: pikepdf.Pdf) -> None:
    names = pikepdf.Array(["a", script(pdf)])
    pdf.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=names))


def has_xfa(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(), XFA=pikepdf.String("x"))


def launches(pdf: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe")
    with_annotation(pdf, Subtype=pikepdf.Name.Link, A=action)


def acts_on_pages(pdf: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.Named, N=pikepdf.Name.Print)
    pdf.pages[0].AA = pikepdf.Dictionary(O=action)


def embeds_a_file(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["a.txt"] = b"hidden"


def with_inline_link(pdf: pikepdf.Pdf, action: pikepdf.Dictionary) -> None:
    """Put a link with an action right into the page's array: no object of its own."""
    pdf.pages[0].Annots = pikepdf.Array(
        [pikepdf.Dictionary(Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action)]
    )


def launches_inline(pdf: pikepdf.Pdf) -> None:
    with_inline_link(pdf, pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe"))


def runs_a_script_inline(pdf: pikepdf.Pdf) -> None:
    with_inline_link(pdf, script(pdf))


def runs_a_script_next(pdf: pikepdf.Pdf) -> None:
    address = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://x", Next=script(pdf))
    with_annotation(pdf, Subtype=pikepdf.Name.Link, A=address)


def runs_a_script_among_the_next(pdf: pikepdf.Pdf) -> None:
    harmless = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://x")
    several = pikepdf.Array([harmless, script(pdf)])
    pdf.Root.OpenAction = pikepdf.Dictionary(
        S=pikepdf.Name.GoTo, D=pikepdf.Array([pdf.pages[0].obj, pikepdf.Name.Fit]), Next=several
    )


def opens_another_file(pdf: pikepdf.Pdf) -> None:
    with_inline_link(pdf, pikepdf.Dictionary(S=pikepdf.Name.GoToR, F="x.pdf"))


def acts_in_an_unknown_way(pdf: pikepdf.Pdf) -> None:
    with_inline_link(pdf, pikepdf.Dictionary(S=pikepdf.Name.Novel))


def acts_from_a_stream(pdf: pikepdf.Pdf) -> None:
    action = pdf.make_stream(b"", S=pikepdf.Name.Launch, F="calc.exe")
    with_annotation(pdf, Subtype=pikepdf.Name.Link, A=action)


def associates_a_file(pdf: pikepdf.Pdf) -> None:
    file = pdf.make_stream(b"MZ", Type=pikepdf.Name.EmbeddedFile)
    pdf.Root.AF = pikepdf.Array([pikepdf.Dictionary(F="a.exe", EF=pikepdf.Dictionary(F=file))])


def keeps_a_file_nobody_names(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Odd = pdf.make_stream(b"MZ", Type=pikepdf.Name.EmbeddedFile)


def hides_a_layer(pdf: pikepdf.Pdf) -> None:
    layer = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="x"))
    pdf.Root.OCProperties = pikepdf.Dictionary(
        OCGs=pikepdf.Array([layer]), D=pikepdf.Dictionary(OFF=pikepdf.Array([layer]))
    )


def plays(pdf: pikepdf.Pdf) -> None:
    with_annotation(pdf, Subtype=pikepdf.Name.Screen)


def reads_from_elsewhere(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Odd = pdf.make_stream(b"", F="/etc/passwd")


def is_drawn_by_the_reader(pdf: pikepdf.Pdf) -> None:
    with_annotation(pdf, Subtype=pikepdf.Name.FreeText, Contents="x")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (opens_with_script, "OpenAction"),
        (has_named_script, "JavaScript"),
        (has_xfa, "XFA"),
        (launches, "Launch"),
        (acts_on_pages, "AA"),
        (embeds_a_file, "EmbeddedFiles"),
        (launches_inline, "Launch"),
        (runs_a_script_inline, "JavaScript"),
        (runs_a_script_next, "JavaScript"),
        (runs_a_script_among_the_next, "JavaScript"),
        (opens_another_file, "GoToR"),
        (acts_in_an_unknown_way, "Novel"),
        (acts_from_a_stream, "Launch"),
        (associates_a_file, "EmbeddedFiles"),
        (keeps_a_file_nobody_names, "EmbeddedFiles"),
        (hides_a_layer, "OCProperties"),
        (plays, "Screen"),
        (reads_from_elsewhere, "ExternalStream"),
        (is_drawn_by_the_reader, "FreeText"),
    ],
)
def test_file_is_refused_by_name_when_it_acts(change: Change, what: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        SandboxedIntake().take_in(changed(change), Purpose.ATTACHMENT)

    assert refused.value.code is ErrorCode.UPLOAD_ACTIVE
    assert refused.value.params["what"] == what
    assert refused.value.params["where"]


def test_refusal_names_the_object_and_the_way_to_it() -> None:
    with pytest.raises(InvalidInputError) as refused:
        rewriting.take_in(changed(runs_a_script_next), Purpose.ATTACHMENT)

    assert re.fullmatch(r"\d+ 0 R /A /Next", refused.value.params["where"])


def test_glyphs_may_bear_the_names_of_keys_that_are_refused() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        glyph = pdf.make_stream(b"0 0 m")
        pdf.Root.Odd = pikepdf.Dictionary(AF=glyph, EF=glyph, AA=glyph)

    assert SandboxedIntake().take_in(changed(change), Purpose.ATTACHMENT).page_count == 1


def test_annotations_are_dropped_whether_shown_or_hidden() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        address = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://x")
        shown = pdf.make_stream(b"0 0 9 9 re f", BBox=[0, 0, 9, 9], Subtype=pikepdf.Name.Form)
        rect = pikepdf.Array([0, 0, 9, 9])
        pdf.pages[0].Annots = pikepdf.Array(
            [
                pikepdf.Dictionary(Subtype=pikepdf.Name.Link, Rect=rect, A=address),
                pikepdf.Dictionary(Subtype=pikepdf.Name.FreeText, Rect=rect, F=2),
                pikepdf.Dictionary(
                    Subtype=pikepdf.Name.Stamp, Rect=rect, AP=pikepdf.Dictionary(N=shown)
                ),
            ]
        )

    taken = SandboxedIntake().take_in(changed(change), Purpose.ATTACHMENT)

    with pikepdf.open(BytesIO(taken.pdf)) as pdf:
        assert "/Annots" not in pdf.pages[0]
        # Of the three only the stamp is seen, and it is part of the page now.
        assert [name for name in pdf.pages[0].Resources.XObject if name.startswith("/Fxo")]


@pytest.mark.parametrize(
    ("limit", "most"), [("MAX_OBJECTS", 3), ("MAX_VALUES", 9), ("MAX_DEPTH", 0)]
)
def test_file_is_refused_when_it_holds_more_than_is_walked(
    monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(active, limit, most)

    with pytest.raises(InvalidInputError) as refused:
        rewriting.take_in(a_report(), Purpose.ATTACHMENT)

    assert refused.value.code is ErrorCode.UPLOAD_UNREADABLE


def test_file_is_walked_to_the_end_when_its_objects_point_at_each_other() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        one = pdf.make_indirect(pikepdf.Dictionary())
        one.Other = pdf.make_indirect(pikepdf.Dictionary(Back=one, Own=pikepdf.Array([one])))
        pdf.Root.Odd = one

    assert SandboxedIntake().take_in(changed(change), Purpose.ATTACHMENT).page_count == 1


def test_object_streams_stay_when_a_file_is_rewritten() -> None:
    output = BytesIO()
    with pikepdf.open(BytesIO(a_report())) as pdf:
        objects = [pdf.make_indirect(pikepdf.Dictionary(N=n)) for n in range(5000)]
        pdf.Root.Odd = pikepdf.Array(objects)
        pdf.save(output, object_stream_mode=pikepdf.ObjectStreamMode.generate)

    taken = SandboxedIntake().take_in(output.getvalue(), Purpose.ATTACHMENT)

    assert len(taken.pdf) < 2 * len(output.getvalue())


def test_first_page_is_found_when_a_branch_before_it_is_empty() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        branch = pikepdf.Dictionary(
            Type=pikepdf.Name.Pages, Kids=pikepdf.Array(), Count=0, Parent=pdf.Root.Pages
        )
        pdf.Root.Pages.Kids.insert(0, pdf.make_indirect(branch))

    taken = SandboxedIntake().take_in(changed(change), Purpose.ATTACHMENT)

    assert taken.page_count == 1
    assert PyHankoPageReader().first_page(taken.pdf).turn == 0


def test_file_is_refused_when_a_page_is_turned_askew() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Rotate = 45

    with pytest.raises(InvalidInputError) as refused:
        SandboxedIntake().take_in(changed(change), Purpose.ATTACHMENT)

    assert refused.value.code is ErrorCode.UPLOAD_UNMARKABLE


def test_page_reader_refuses_in_our_words_when_the_tree_makes_no_sense() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Pages.Kids = pikepdf.Array()

    with pytest.raises(SigningError):
        PyHankoPageReader().first_page(changed(change))


def test_file_is_refused_when_it_is_encrypted() -> None:
    output = BytesIO()
    with pikepdf.open(BytesIO(a_report())) as pdf:
        pdf.save(output, encryption=pikepdf.Encryption(owner="chu", user=""))

    with pytest.raises(InvalidInputError) as refused:
        SandboxedIntake().take_in(output.getvalue(), Purpose.ATTACHMENT)

    assert refused.value.code is ErrorCode.UPLOAD_ENCRYPTED


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04", ErrorCode.UPLOAD_NOT_PDF),
        (b"%PDF-1.7\nnothing\nstartxref\n0\n%%EOF\n", ErrorCode.UPLOAD_UNREADABLE),
        (b"%PDF-1.7\n" + b"0" * (25 * 1024 * 1024), ErrorCode.UPLOAD_TOO_LARGE),
    ],
    ids=["no PDF", "nothing inside", "too large"],
)
def test_file_is_refused_when_it_cannot_be_read(content: bytes, code: ErrorCode) -> None:
    with pytest.raises(InvalidInputError) as refused:
        SandboxedIntake().take_in(content, Purpose.ATTACHMENT)

    assert refused.value.code is code


def test_signed_file_is_left_byte_for_byte(world: PkiWorld) -> None:
    sealed = world.sealed()

    taken = SandboxedIntake().take_in(sealed, Purpose.ATTACHMENT)

    assert taken.is_signed
    assert taken.pdf == sealed


def test_filled_fields_become_part_of_the_page_and_a_plain_opening_is_dropped() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        appearance = pdf.make_stream(b"0 0 9 9 re f", BBox=[0, 0, 9, 9], Subtype=pikepdf.Name.Form)
        with_annotation(
            pdf,
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name.Tx,
            T="ten",
            V="A",
            AP=pikepdf.Dictionary(N=appearance),
        )
        fields = pikepdf.Array([pdf.pages[0].Annots[0]])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=fields)
        pdf.Root.OpenAction = pikepdf.Array([pdf.pages[0].obj, pikepdf.Name.Fit])

    taken = SandboxedIntake().take_in(changed(change), Purpose.ATTACHMENT)

    with pikepdf.open(BytesIO(taken.pdf)) as pdf:
        assert "/AcroForm" not in pdf.Root
        assert "/OpenAction" not in pdf.Root


@pytest.mark.parametrize(
    ("scan", "warnings"),
    [
        (a_scan(), ()),
        (a_scan(mode="L"), (ScanWarning.NOT_COLOUR,)),
        (a_scan(mode="1"), (ScanWarning.NOT_COLOUR,)),
        (a_scan(dpi=150), (ScanWarning.LOW_RESOLUTION,)),
        (a_scan(size_mm=(100, 120)), (ScanWarning.ODD_SIZE,)),
        (a_scan(size_mm=(297, 210)), ()),
        (a_report(), (ScanWarning.NO_IMAGE,)),
    ],
    ids=["good", "grey", "black and white", "coarse", "odd size", "landscape", "no scan"],
)
def test_scan_is_told_what_it_lacks(scan: bytes, warnings: tuple[ScanWarning, ...]) -> None:
    assert SandboxedIntake().take_in(scan, Purpose.SCAN).warnings == warnings


def test_scan_is_told_that_its_format_is_old() -> None:
    scan = a_scan().replace(b"%PDF-1.4", b"%PDF-1.3")

    assert SandboxedIntake().take_in(scan, Purpose.SCAN).warnings == (ScanWarning.OLD_PDF,)


def test_intake_says_busy_when_every_child_is_at_work() -> None:
    intake = SandboxedIntake(limits=Limits(children=1, queue_seconds=0.05))
    with intake._places, pytest.raises(SignerUnavailableError) as refused:
        intake.take_in(a_report(), Purpose.ATTACHMENT)

    assert refused.value.code is ErrorCode.VERIFIER_BUSY


def test_file_is_refused_when_it_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    # A child that reads a question and never answers.
    monkeypatch.setattr(sandbox, "_MODULE", "tests.factories.pki_silent_child")
    intake = SandboxedIntake(limits=Limits(wall_seconds=0.3))

    with pytest.raises(InvalidInputError) as refused:
        intake.take_in(a_report(), Purpose.ATTACHMENT)

    assert refused.value.code is ErrorCode.UPLOAD_UNREADABLE
    assert "out of time" in refused.value.detail


def test_child_answers_every_file_until_the_end() -> None:
    questions, answers = BytesIO(), BytesIO()
    write_message(questions, b"intake")
    for pdf in (a_report(), changed(launches)):
        write_message(questions, Purpose.ATTACHMENT.value.encode())
        write_message(questions, pdf)
    questions.seek(0)

    serve(questions, answers)

    answers.seek(0)
    assert read_message(answers, max_bytes=10) == READY
    assert b'"page_count": 1' in read_message(answers, max_bytes=10**7)
    assert b'"what": "Launch"' in read_message(answers, max_bytes=10**7)


def test_file_has_too_many_pages_to_be_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewriting, "MAX_PAGES", 1)

    with pytest.raises(InvalidInputError) as refused:
        rewriting.take_in(a_scan(pages=2), Purpose.SCAN)

    assert refused.value.code is ErrorCode.UPLOAD_UNREADABLE


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_marked_file_passes_as_signed_by_the_agency(world: PkiWorld, turn: int) -> None:
    taken = SandboxedIntake().take_in(a_report(turn=turn), Purpose.ATTACHMENT)
    page = PyHankoPageReader().first_page(taken.pdf)
    mark = TypstMarks().draw(("07/TB-SNV", "05-02-2026 15:30:00 +07:00"), page)
    placed = world.signer.place(taken.pdf, SignatureField.MARK, mark.box)

    signed = world.signed(placed, SignatureField.MARK, world.agency, appearance=mark.appearance)

    report = world.verifier.verify(signed)
    assert page.turn == turn
    assert (report.verdict, report.reason) == (Verdict.PASSED, None)
    assert [each.role for each in report.signatures] == [SignatureRole.SEAL]


def test_marked_file_fails_when_something_is_added_after_signing(world: PkiWorld) -> None:
    taken = SandboxedIntake().take_in(a_report(), Purpose.ATTACHMENT)
    placed = world.signer.place(taken.pdf, SignatureField.MARK, None)
    signed = world.signed(placed, SignatureField.MARK, world.agency, appearance=b"")

    assert world.verifier.verify(signed + b"\n% more").verdict is Verdict.FAILED


def test_page_is_seen_through_its_inherited_crop_box() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        pages = pdf.Root.Pages
        del pdf.pages[0].obj.Rotate
        pages.Rotate = 450
        pages.CropBox = pikepdf.Array([900, 500, 20, 30])

    page = PyHankoPageReader().first_page(changed(change))

    assert (page.x0, page.y0, page.y1, page.turn) == (20, 30, 500, 90)
    assert page.x1 == pytest.approx(595.28, abs=0.01)


def test_page_is_refused_when_it_is_turned_askew() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Rotate = 45

    with pytest.raises(SigningError):
        PyHankoPageReader().first_page(changed(change))
