"""OSS's refusals: XML with Code, Message, RequestId, HostId and what belongs to the code.

Statuses and texts: semantics.md section 11 and the troubleshooting pages of AlibabaCloudDocs/oss;
the EC numbers, x-oss-ec and x-oss-err (the document of a HEAD, Base64) are not in the reference.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from alicloud_sim.errors import ApiError, SimulatorBugError
from alicloud_sim.messages import HttpResponse

from .xml import document

if TYPE_CHECKING:
    from alicloud_sim.registry import HttpCall

CODES: dict[str, tuple[int, str]] = {
    "AccessDenied": (403, "AccessDenied"),
    "AccessKeyIdAndSecurityTokenNotMatch": (
        403,
        "The OSS access key id and security token you provided does not match.",
    ),
    "BucketAlreadyExists": (
        409,
        (
            "The requested bucket name is not available. The bucket namespace is shared by all"
            " users of the system. Please select a different name and try again."
        ),
    ),
    "BucketNotEmpty": (409, "The bucket you tried to delete is not empty."),
    "EntityTooLarge": (400, "Your proposed upload exceeds the maximum allowed size."),
    "EntityTooSmall": (400, "Your proposed upload smaller than the minimum allowed size."),
    "FileAlreadyExists": (
        409,
        "The object you specified already exists and can not be overwritten.",
    ),
    "InternalError": (500, "We encountered an internal error. Please try again."),
    "InvalidAccessKeyId": (
        403,
        "The OSS Access Key Id you provided does not exist in our records.",
    ),
    "InvalidArgument": (400, "Invalid Argument."),
    "InvalidBucketName": (400, "The specified bucket is not valid."),
    "InvalidCRC64": (
        400,
        "The x-oss-hash-crc64ecma you specified does not match what we calculated.",
    ),
    "InvalidDigest": (400, "The Content-MD5 you specified was invalid."),
    "InvalidEncryptionAlgorithmError": (
        400,
        "The Encryption request you specified is not valid. Supported value: AES256/SM4/KMS.",
    ),
    "InvalidLocationConstraint": (400, "The specified location-constraint is not valid."),
    "InvalidObjectName": (400, "The specified object is not valid."),
    "InvalidObjectState": (403, "The operation is not valid for the object's state."),
    "InvalidPart": (
        400,
        (
            "One or more of the specified parts could not be found or the specified entity tag"
            " might not have matched the part's entity tag."
        ),
    ),
    "InvalidPartOrder": (
        400,
        (
            "The list of parts was not in ascending order. Parts list must specified in order by"
            " part number."
        ),
    ),
    "InvalidRange": (416, "The requested range cannot be satisfied."),
    "InvalidRequest": (
        400,
        "Request specific response headers cannot be used for anonymous GET requests.",
    ),
    "InvalidSecurityToken": (403, "The security token you provided is invalid."),
    "MalformedXML": (
        400,
        (
            "The XML you provided was not well-formed or did not validate against our published"
            " schema."
        ),
    ),
    "MethodNotAllowed": (405, "The specified method is not allowed against this resource."),
    "MissingContentLength": (411, "You must provide the Content-Length HTTP header."),
    "NoSuchBucket": (404, "The specified bucket does not exist."),
    "NoSuchKey": (404, "The specified key does not exist."),
    "NoSuchUpload": (
        404,
        (
            "The specified upload does not exist. The upload ID may be invalid, or the upload may"
            " have been aborted or completed."
        ),
    ),
    "NotImplemented": (
        400,
        "A header you provided implies functionality that is not implemented.",
    ),
    "NotModified": (304, ""),
    "PreconditionFailed": (412, "At least one of the pre-conditions you specified did not hold."),
    "PublicEndpointForbidden": (
        400,
        (
            "Accessing data in the Chinese mainland through the default public endpoint is"
            " forbidden, please use CNAME instead."
        ),
    ),
    "RequestTimeTooSkewed": (
        403,
        "The difference between the request time and the current time is too large.",
    ),
    "RequestTimeout": (
        400,
        (
            "Your socket connection to the server was not read from or written to within the"
            " timeout period. Idle connections will be closed."
        ),
    ),
    "SecondLevelDomainForbidden": (403, "Please use virtual hosted style to access."),
    "SecurityTokenExpired": (403, "The security token you provided has expired."),
    "ServiceUnavailable": (503, "Please reduce your request rate."),
    "SignatureDoesNotMatch": (
        403,
        (
            "The request signature we calculated does not match the signature you provided. Check"
            " your key and signing method."
        ),
    ),
    "TooManyBuckets": (400, "You have attempted to create more buckets than allowed."),
}
NUMBERS = {
    "AccessDenied": "0003-00000001",
    "AccessKeyIdAndSecurityTokenNotMatch": "0002-00000004",
    "BucketNotEmpty": "0015-00000301",
    "InvalidAccessKeyId": "0002-00000902",
    "InvalidSecurityToken": "0002-00000006",
    "NoSuchBucket": "0015-00000101",
    "NoSuchKey": "0026-00000001",
    "NoSuchUpload": "0042-00000002",
    "PublicEndpointForbidden": "0048-00000401",
    "RequestTimeTooSkewed": "0002-00000504",
    "SecurityTokenExpired": "0002-00000007",
    "SignatureDoesNotMatch": "0002-00000040",
}
UNKNOWN_STATUS = 400


class OssError(ApiError):
    """A refusal with the elements that OSS adds for its code."""

    def __init__(self, code: str, message: str = "", **details: str) -> None:
        """Give a code of OSS; the text defaults to its usual one.

        :raises SimulatorBugError: OSS has no such code
        """
        if code not in CODES:
            raise SimulatorBugError(f"{code} is no error code of OSS")
        status, usual = CODES[code]
        super().__init__(code, message or usual, status)
        self.details = details


def respond(call: HttpCall, error: ApiError, host: str, request_id: str) -> HttpResponse:
    """Word a refusal, or a scripted error whose status may be OSS's usual one for the code."""
    usual = CODES.get(error.code, (UNKNOWN_STATUS, ""))
    children: dict[str, object] = {
        "Code": error.code,
        "Message": error.message or usual[1],
        "RequestId": request_id,
        "HostId": host,
    }
    if isinstance(error, OssError):
        children |= error.details
    number = NUMBERS.get(error.code)
    headers = {"Content-Type": "application/xml", **error.headers}
    if number:
        children["EC"] = number
        headers["x-oss-ec"] = number
    status, body = error.status or usual[0], document("Error", children)
    if call.request.method == "HEAD":
        headers["x-oss-err"] = base64.b64encode(body).decode()
    return HttpResponse(status, body, headers)
