//! The HTTP of portals that tests make up themselves, where the built-in one is too well-behaved.

use std::io::BufRead;

/// The head of a request or an answer, and how long its body is; none when the other side is gone.
pub fn read_head(from: &mut impl BufRead) -> Option<(String, usize)> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let start = head.len();
        from.read_line(&mut head).ok().filter(|read| *read > 0)?;
        let line = head[start..].trim().to_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.is_empty() {
            return Some((head, length));
        }
    }
}

/// Path and body of a request.
pub fn read_request(from: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let (head, length) = read_head(from)?;
    let mut body = vec![0; length];
    from.read_exact(&mut body).ok()?;
    Some((head.split(' ').nth(1)?.to_owned(), body))
}
