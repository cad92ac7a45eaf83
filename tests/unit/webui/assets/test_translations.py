from babel.messages.catalog import Catalog

from webui.assets import translations


def a_catalog(*rows):
    catalog = Catalog(locale="en")
    for source, text, flags in rows:
        catalog.add(source, text, flags=flags)
    return catalog


def test_list_missing_names_texts_when_they_are_absent_empty_or_fuzzy():
    wanted = a_catalog(*[(text, "", ()) for text in ("Ký", "Trả lại", "Mở", "Đóng")])
    have = a_catalog(("Ký", "Sign", ()), ("Trả lại", "", ()), ("Mở", "Open", ("fuzzy",)))

    assert sorted(translations.list_missing(wanted, have)) == ["Mở", "Trả lại", "Đóng"]


def test_list_missing_wants_every_plural_when_a_text_counts():
    wanted = a_catalog((("%(num)d văn bản", "%(num)d văn bản"), ("", ""), ()))
    have = a_catalog((("%(num)d văn bản", "%(num)d văn bản"), ("%(num)d document", ""), ()))

    assert list(translations.list_missing(wanted, have)) == ["%(num)d văn bản"]


def test_extract_finds_texts_of_templates_and_code(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text('{{ _("Ký số") }}', encoding="utf-8")
    (tmp_path / "views.py").write_text('label = _l("Trả lại")\n', encoding="utf-8")

    found = {message.id for message in translations.extract(tmp_path) if message.id}

    assert found == {"Ký số", "Trả lại"}


def test_compile_catalogs_writes_what_gettext_reads(tmp_path):
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "Ký"\nmsgstr "Sign"\n',
        encoding="utf-8",
    )

    translations.compile_catalogs(tmp_path)

    content = (folder / "messages.mo").read_bytes()
    assert b"Sign" in content


def test_main_refuses_when_the_command_is_unknown():
    assert translations.main(["sing"]) == 2
