"""Why files and documents are refused."""

from common.errors import Conflict, Invalid, NotFound, Refusal, TooLarge, Unavailable


class FileNotFound(NotFound):
    """The customer has no such file for the caller."""

    code = "customer.file_not_found"
    title = "No such file"


class FileMissing(Invalid):
    """The form holds no file, or an empty one."""

    code = "customer.file_missing"
    title = "There is no file"


class FileNameRefused(Invalid):
    """The name of the file cannot be kept."""

    code = "customer.file_name_invalid"
    title = "The name of the file cannot be kept"


class FileNameTaken(Conflict):
    """Another file has this name there; the fact `file_id` names it, to be replaced by a new version."""

    code = "customer.file_name_taken"
    title = "There is a file of this name"


class FileTooLarge(TooLarge):
    """The category does not take files of this size; the fact `limit` says how many bytes it takes."""

    code = "customer.file_too_large"
    title = "The file is too large"


class FileTypeContradicted(Refusal):
    """The name says one type and the content is of another (415); both are facts: `said`, `found`."""

    kind = "media_type"
    code = "customer.file_type_contradicted"
    title = "The file is not what it says"


class FileTypeRefused(Refusal):
    """The category does not take files of this type (415)."""

    kind = "media_type"
    code = "customer.file_type_refused"
    title = "Files of this type do not belong here"


class ArchiveRefused(Invalid):
    """The archive would unpack to too much, or cannot be read."""

    code = "customer.archive_refused"
    title = "The archive is not taken"


class FileHeld(Conflict):
    """A file under legal hold cannot be deleted or replaced."""

    code = "customer.file_under_legal_hold"
    title = "The file is under legal hold"


class FileInBin(Conflict):
    """The file has been deleted; restore it first."""

    code = "customer.file_in_bin"
    title = "The file lies in the bin"


class FileNotInBin(Conflict):
    """Only a deleted file can be restored."""

    code = "customer.file_not_in_bin"
    title = "The file is not deleted"


class ContentBusy(Unavailable):
    """The same content is just being removed."""

    code = "customer.file_content_busy"
    title = "Try again in a moment"


class ContentLost(Refusal):
    """The storage does not hold what it should (500 for the caller; an operator must look)."""

    kind = "unavailable"
    code = "customer.file_content_lost"
    title = "The content cannot be found"


class NoDocument(Invalid):
    """Only contracts, NDAs, onboarding papers and certificates have a type, an end and a signature."""

    code = "customer.file_is_no_document"
    title = "This is no document"


class RequirementNotFound(NotFound):
    """There is no such requirement."""

    code = "customer.document_requirement_not_found"
    title = "No such requirement"


class RequirementTaken(Conflict):
    """The same document is required of the same customers already."""

    code = "customer.document_requirement_taken"
    title = "This is required already"
