//! Reads an HTTP request whole, as PHP gets it from the web server in front of it.

use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use futures_util::StreamExt;

use super::answer::Answer;
use super::request::IncomingRequest;

/// The largest body: 2 GiB, as the documentation has it for the cloud (bitrix24-rest.md §5).
const BODY_LIMIT: usize = 2 << 30;

/// The request with its body, or what the web server answers in its stead.
pub(super) async fn read(request: extract::Request) -> Result<IncomingRequest, Answer> {
    let (head, body) = request.into_parts();
    let text = |name| Some(head.headers.get(name)?.to_str().ok()?.to_owned());
    Ok(IncomingRequest {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        content_type: text(header::CONTENT_TYPE),
        body: read_body(&head.headers, body).await?,
    })
}

/// Takes the body into one buffer of the length that was announced, so that a large one is held
/// only once.
async fn read_body(headers: &HeaderMap, body: Body) -> Result<Bytes, Answer> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok())
        .unwrap_or(0);
    let too_large = || Answer::page(413, "Request Entity Too Large");
    if announced > BODY_LIMIT {
        return Err(too_large());
    }
    let mut whole = Vec::with_capacity(announced);
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| Answer::page(400, "Bad Request"))?;
        if whole.len() + piece.len() > BODY_LIMIT {
            return Err(too_large());
        }
        whole.extend_from_slice(&piece);
    }
    Ok(Bytes::from(whole))
}
