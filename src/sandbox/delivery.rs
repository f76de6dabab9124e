//! How an answer goes out: whole, cut in the middle, in drops, or not at all.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::stream::{self, StreamExt};
use tokio::sync::watch;

use super::answer::{Answer, Delivery};
use super::connection::Breaker;

/// How long a byte of a dripping answer takes: even a short one takes most of an hour.
const DROP: Duration = Duration::from_secs(10);

/// The response to an answer. One that never comes, or not to an end, ends when the server closes.
pub(super) async fn deliver(
    answer: Answer,
    breaker: &Breaker,
    mut closing: watch::Receiver<bool>,
) -> Response {
    match answer.delivery {
        Delivery::Whole => whole(answer),
        Delivery::Cut => cut(answer),
        Delivery::Drip => drip(answer, closing),
        Delivery::Lost => {
            breaker.break_off();
            Response::default()
        }
        Delivery::Never => {
            let _closing_or_gone = closing.wait_for(|closing| *closing).await;
            breaker.break_off();
            Response::default()
        }
    }
}

fn whole(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(answer.content_type),
    );
    if let Some(Ok(location)) = answer.location.map(HeaderValue::try_from) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Promises the whole body and breaks off after half of it.
fn cut(mut answer: Answer) -> Response {
    let body = Bytes::from(std::mem::take(&mut answer.body));
    let half = body.slice(..body.len() / 2);
    let breaks = stream::once(async {
        // The half must be on its way before the error takes the connection down.
        tokio::task::yield_now().await;
        Err(io::Error::other("cut by a fault"))
    });
    let pieces = stream::iter([Ok(half)]).chain(breaks);
    let mut response = whole(answer);
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    *response.body_mut() = Body::from_stream(pieces);
    response
}

/// Promises the whole body and sends a byte of it now and then, the first at once.
fn drip(mut answer: Answer, closing: watch::Receiver<bool>) -> Response {
    let body = Bytes::from(std::mem::take(&mut answer.body));
    let length = body.len();
    let drops = stream::unfold((0, closing), move |(at, mut closing)| {
        let byte = body.get(at).map(|_| body.slice(at..=at));
        async move {
            let byte = byte?;
            let pause = if at == 0 { Duration::ZERO } else { DROP };
            let drop = tokio::select! {
                biased;
                _ = closing.wait_for(|closing| *closing) => Err(io::Error::other("closing")),
                () = tokio::time::sleep(pause) => Ok(byte),
            };
            Some((drop, (at + 1, closing)))
        }
    });
    let mut response = whole(answer);
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    *response.body_mut() = Body::from_stream(drops);
    response
}
