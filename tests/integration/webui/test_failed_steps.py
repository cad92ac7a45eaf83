"""A step its flow cannot make: the person keeps the form, the administrator sees why."""

import re

from engine.model.document import DocumentStatus
from engine.process.model import DefinitionSource
from workflows.outgoing.procedure import PROCEDURE as OUTGOING

ENDLESS = OUTGOING.dmn.replace(b"<text>8</text>", b"<text>999999999</text>")


def test_the_number_on_the_page_is_the_incident_on_the_administrators_list(town):
    administrator = town.visitor("vpub.quantri")
    town.house.use_cases.deploy_definition(
        OUTGOING.bpmn,
        ENDLESS,
        town.stage.actor("vpub.quantri"),
        source=DefinitionSource.FILE,
        note="",
    )
    document_id = town.stage.draft()
    document = town.stage.document(document_id)
    form = {
        "version": str(document.version),
        "subject": document.content.subject,
        "body": document.content.body,
        "recipients": list(document.content.recipients),
        "signatory_id": document.content.signatory_id,
        "urgency": "thuong",
        "act": "trinh",
    }

    answer = town.visitor("snv.chuyenvien").post(f"/van-ban/{document_id}/soan", form)

    assert answer.status_code == 422
    assert document.content.body.splitlines()[0] in answer.text, "what was typed is kept"
    assert town.stage.document(document_id).status is DocumentStatus.DRAFT
    reference = re.search(r"\b[0-9A-F]{12}\b", answer.text)
    assert reference is not None
    listed = administrator.get("/quan-tri/su-co")
    assert reference.group().casefold() in listed.text.casefold()
    assert town.visitor("snv.lanhdao").get("/quan-tri/su-co").status_code == 403
