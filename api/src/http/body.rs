//! Reads the JSON body of a request.

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use http_body_util::BodyExt;
use serde_json::Value;

use super::Problem;
use crate::{
    limits::{BODY_BYTES_MAX, BODY_DRAINED_BYTES_MAX, BODY_WAIT},
    state::ApiState,
};

/// A body that is JSON. What it says is checked afterwards, all fields at once.
pub struct JsonBody(pub Value);

impl FromRequest<ApiState> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &ApiState) -> Result<JsonBody, Problem> {
        if let Some(problem) = refused(request.headers()) {
            drain(request.into_body()).await;
            return Err(problem);
        }
        let read =
            tokio::time::timeout(BODY_WAIT, to_bytes(request.into_body(), BODY_BYTES_MAX)).await;
        let bytes = match read {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(error)) => return Err(unread(&error)),
            Err(_) => {
                let detail =
                    format!("The body did not arrive within {} seconds.", BODY_WAIT.as_secs());
                return Err(
                    Problem::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", detail).later(1)
                );
            }
        };
        parse(&bytes).map(JsonBody)
    }
}

/// What is wrong with a body that nobody has to read.
fn refused(headers: &HeaderMap) -> Option<Problem> {
    if !is(headers, "application/json") {
        let detail = "The content type has to be one of: application/json.";
        return Some(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            detail,
        ));
    }
    let length = length(headers);
    length.is_some_and(|bytes| bytes > BODY_BYTES_MAX).then(|| too_large(length))
}

/// Throws a body away, up to a limit: a client that finds the connection closed while it sends does not read
/// the answer.
pub(super) async fn drain(mut body: Body) {
    let mut left = BODY_DRAINED_BYTES_MAX;
    let read = async {
        while let Some(Ok(frame)) = body.frame().await {
            left = left.saturating_sub(frame.data_ref().map_or(0, |data| data.len()));
            if left == 0 {
                return;
            }
        }
    };
    // Whoever is slower than this gets the answer in the middle.
    drop(tokio::time::timeout(BODY_WAIT, read).await);
}

/// How long the body is, as its sender says.
pub(super) fn length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Whether the body is of a media type.
pub(super) fn is(headers: &HeaderMap, media_type: &str) -> bool {
    let value =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(media_type)
}

/// Reads JSON.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    let invalid = |detail: String| Problem::new(StatusCode::BAD_REQUEST, "invalid_json", detail);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        invalid(format!(
            "The body is not valid UTF-8: byte {} does not belong to a character.",
            error.valid_up_to()
        ))
    })?;
    serde_json::from_str(text).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Eof => "it ends too early",
            _ => "what stands there does not belong there",
        };
        invalid(format!(
            "The body is not JSON: {what}, line {}, column {}.",
            error.line(),
            error.column()
        ))
    })
}

/// The body was cut off at the limit, or the connection broke.
fn unread(error: &axum::Error) -> Problem {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return too_large(None);
        }
        cause = error.source();
    }
    Problem::new(
        StatusCode::BAD_REQUEST,
        "invalid_request",
        "The body could not be read to its end.",
    )
}

/// The body, or a line of it, is over the limit.
pub(super) fn too_large(bytes: Option<usize>) -> Problem {
    let size = bytes.map(|bytes| format!(" of {bytes} bytes")).unwrap_or_default();
    let detail = format!(
        "The body{size} is larger than the limit of {BODY_BYTES_MAX} bytes. Split the document."
    );
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "document_too_large", detail)
}
