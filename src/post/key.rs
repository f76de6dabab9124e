//! What a row is called in the ledger, and the hash that tells whether its content changed.
//!
//! The hash covers what the manifest says and nothing else: no file is read for it, so a row keeps
//! its key after its attachments have been archived. The size of the attachments is kept beside it.

use std::fmt;

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::{Attachment, MessageFormat, Moment, Post, parse_id};

/// 128 bits of a post's canonical form.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash(pub [u8; 16]);

impl ContentHash {
    /// The first 64 bits, enough to find repeats within one manifest.
    pub fn fingerprint(self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }

    /// The hash that tells apart parts of a record that say the same: their endings are part of it.
    pub fn with_part(self, part: &str) -> ContentHash {
        match part.is_empty() {
            true => self,
            false => ContentHash::of_bytes(&[&self.0, part.as_bytes()].concat()),
        }
    }

    /// The hash of any bytes, by XXH3: nobody gains by two posts of one hash, so it need not be
    /// hard to make some.
    pub fn of_bytes(bytes: &[u8]) -> ContentHash {
        ContentHash(xxh3_128(bytes).to_be_bytes())
    }
}

/// The hash of bytes that come piece by piece.
#[derive(Clone, Default)]
pub struct ContentHasher(Xxh3);

impl ContentHasher {
    /// Takes in the next bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all bytes so far: the same as of them in one piece.
    pub fn finish(&self) -> ContentHash {
        ContentHash(self.0.digest128().to_be_bytes())
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// A row's name in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowKey(String);

/// What the key of a row that brings its own ID begins with.
const EXTERNAL: &str = "x:";

impl RowKey {
    /// The key of a row that brings its own ID.
    pub fn external(id: &str) -> RowKey {
        RowKey::of_part(id, "")
    }

    /// The key of a part of such a row, which the part's ending tells from the others.
    pub fn of_part(id: &str, part: &str) -> RowKey {
        RowKey([EXTERNAL, id, part].concat())
    }

    /// The key of a row without an ID, or of a part of one: its content, its ordinal (from 0) among
    /// identical ones, and the part's ending.
    pub fn hashed(hash: ContentHash, ordinal: u32, part: &str) -> RowKey {
        RowKey(format!("h:{hash}:{ordinal}{part}"))
    }

    /// A key read back from the ledger.
    pub fn stored(text: String) -> RowKey {
        RowKey(text)
    }

    /// A key as somebody hands it back, if it is one.
    pub fn parse(text: &str) -> Option<RowKey> {
        let key = RowKey(text.to_owned());
        let is_one = match key.external_id() {
            Some(id) => !id.is_empty(),
            None => key.hash().is_some() && key.ordinal().is_some(),
        };
        is_one.then_some(key)
    }

    /// The hash of a key that was made from one.
    pub fn hash(&self) -> Option<ContentHash> {
        let (digits, _) = self.0.strip_prefix("h:")?.split_once(':')?;
        let is_hash = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let bits = u128::from_str_radix(digits, 16).ok().filter(|_| is_hash)?;
        Some(ContentHash(bits.to_be_bytes()))
    }

    /// The name of the next one of several rows that are the same.
    pub fn next(&self) -> RowKey {
        match (self.hash(), self.ordinal()) {
            (Some(hash), Some(ordinal)) => {
                RowKey::hashed(hash, ordinal.saturating_add(1), self.hashed_part())
            }
            _ => self.clone(),
        }
    }

    /// The key as the ledger keeps it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The ordinal among identical rows, of a key made from the content.
    pub fn ordinal(&self) -> Option<u32> {
        self.hashed_parts()?.0.parse().ok()
    }

    /// What tells the row from the other parts of its record, if it brought that ID, or none; empty
    /// where there are no others. A row may have got its ID only after its key.
    pub fn part(&self, external_id: Option<&str>) -> Option<&str> {
        match (self.hashed_parts(), external_id) {
            (Some((_, part)), _) => Some(part),
            (None, Some(id)) => self.external_id()?.strip_prefix(id),
            (None, None) => None,
        }
    }

    /// What tells a row without an ID from the other parts of its record; empty where there are none.
    pub fn hashed_part(&self) -> &str {
        self.hashed_parts().map_or("", |(_, part)| part)
    }

    /// Ordinal and part of a key made from the content.
    fn hashed_parts(&self) -> Option<(&str, &str)> {
        let (_, rest) = self.0.strip_prefix("h:")?.split_once(':')?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        Some(rest.split_at(digits))
    }

    /// The row's own ID, if the key was made from one.
    pub fn external_id(&self) -> Option<&str> {
        self.0.strip_prefix(EXTERNAL)
    }

    /// The key that the row has when a spreadsheet has taken its ID for a number and dropped the
    /// zeros in front; none of a row that it leaves alone.
    pub fn without_zeros(&self) -> Option<RowKey> {
        let id = self.external_id()?;
        let rest = id.trim_start_matches('0');
        let is_number = !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
        (is_number && rest.len() < id.len()).then(|| RowKey::external(rest))
    }

    /// Whether a stored key is one of a row that brought its own ID.
    pub fn is_external(key: &[u8]) -> bool {
        key.starts_with(EXTERNAL.as_bytes())
    }

    /// Whether a stored key is the one of the row with that ID, or of that part of it.
    pub fn is_of(key: &[u8], id: &str, part: &str) -> bool {
        let rest = key.strip_prefix(EXTERNAL.as_bytes());
        let rest = rest.and_then(|rest| rest.strip_prefix(id.as_bytes()));
        rest == Some(part.as_bytes())
    }
}

impl fmt::Display for RowKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A canonical form: tagged parts with their lengths, so that no two posts share one.
struct Canonical(Vec<u8>);

impl Canonical {
    fn part(&mut self, tag: u8, bytes: &[u8]) {
        self.0.push(tag);
        self.0
            .extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.0.extend_from_slice(bytes);
    }

    /// A part as it is shown.
    fn shown(&mut self, tag: u8, value: impl fmt::Display) {
        self.part(tag, value.to_string().as_bytes());
    }

    /// A time by its instant and offset, or, under the second tag, as it is written.
    fn moment(&mut self, [complete, written]: [u8; 2], moment: Option<Moment>) {
        let Some(moment) = moment else { return };
        match moment.written {
            Some(hash) => self.part(written, &hash.to_le_bytes()),
            None => self.shown(complete, moment),
        }
    }

    fn text(&mut self, tag: u8, text: Option<&str>) {
        if let Some(text) = text {
            self.part(tag, text.as_bytes());
        }
    }
}

impl Post<'_> {
    /// The hash of the post as written: without `external_id` and `publish_at`, before any target
    /// or default, the same from CSV and JSONL. The tags below are part of the ledger's format.
    pub fn content_hash(&self) -> ContentHash {
        let mut canonical = Canonical(Vec::with_capacity(256 + self.message.len()));
        canonical.text(1, self.title.as_deref());
        canonical.text(2, Some(&self.message));
        let written = self.as_written.as_deref();
        match (
            written.and_then(|written| written.entity.as_ref()),
            self.entity,
        ) {
            (Some((kind, id)), _) => canonical.shown(3, format_args!("{kind}:{id}")),
            (None, Some(entity)) => canonical.shown(3, entity),
            (None, None) => {}
        }
        if let Some(codes) = written.and_then(|written| written.audience.as_ref()) {
            let mut codes: Vec<&str> = codes.iter().map(String::as_str).collect();
            codes.sort_unstable();
            codes.into_iter().for_each(|code| canonical.shown(4, code));
        } else {
            let mut codes = self.audience.codes().to_vec();
            codes.sort_unstable();
            codes.into_iter().for_each(|code| canonical.shown(4, code));
        }
        let mut names: Vec<_> = self.audience.names().iter().collect();
        names.sort_unstable();
        names.into_iter().for_each(|name| canonical.shown(17, name));
        let attachment = |attachment: &Attachment<'_>| {
            canonical.part(5, attachment.path.replace('\\', "/").as_bytes());
            canonical.part(6, attachment.shown_name().as_bytes());
        };
        match written.and_then(|written| written.attachments.as_ref()) {
            Some(attachments) => attachments.iter().for_each(attachment),
            None => self.attachments.iter().for_each(attachment),
        }
        canonical.moment([7, 13], self.created_at);
        canonical.text(8, self.author_name.as_deref());
        match (
            written.and_then(|written| written.author.as_ref()),
            self.author_id,
        ) {
            (Some(author), _) => match parse_id(author) {
                Some(id) => canonical.part(9, &id.to_le_bytes()),
                None => canonical.part(15, author.as_bytes()),
            },
            (None, Some(author)) => canonical.part(9, &author.to_le_bytes()),
            (None, None) => {}
        }
        if self.important {
            canonical.part(10, &[]);
        }
        canonical.moment([11, 14], self.important_until);
        for tag in &self.tags {
            canonical.part(12, tag.as_bytes());
        }
        if self.message_format != MessageFormat::BbCode {
            canonical.part(16, self.message_format.name().as_bytes());
        }
        ContentHash::of_bytes(&canonical.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::{Attachment, AudienceCode, Entity, EntityKind};

    fn post() -> Post<'static> {
        Post {
            message: "Hello".into(),
            audience: ["U1", "SG5"]
                .iter()
                .map(|code| AudienceCode::parse(code).unwrap())
                .collect(),
            attachments: vec![Attachment::at("a/b.txt")],
            ..Post::default()
        }
    }

    #[test]
    fn a_spreadsheet_drops_the_zeros_of_numbers_alone() {
        let left = |id| RowKey::external(id).without_zeros();
        for (id, rest) in [("00123", "123"), ("01", "1")] {
            assert_eq!(left(id), Some(RowKey::external(rest)));
        }
        for id in ["123", "0", "00", "0x1", "0-1", "A01", ""] {
            assert_eq!(left(id), None, "{id}");
        }
        assert_eq!(
            RowKey::hashed(ContentHash([0; 16]), 0, "").without_zeros(),
            None
        );
    }

    #[test]
    fn the_hash_leaves_out_id_and_date_and_the_order_of_codes() {
        let hash = post().content_hash();
        let mut other = post();
        other.external_id = Some("7".into());
        other.publish_at = super::super::Moment::parse("2099-01-01T00:00:00Z").ok();
        other.audience = ["SG5", "U1"]
            .iter()
            .map(|code| AudienceCode::parse(code).unwrap())
            .collect();
        other.attachments = vec![Attachment::at("a\\b.txt")];
        assert_eq!(other.content_hash(), hash);
    }

    #[test]
    fn every_other_field_changes_the_hash() {
        let hash = post().content_hash();
        let title = Post {
            title: Some("Hello".into()),
            ..post()
        };
        let message = Post {
            message: "Hello ".into(),
            ..post()
        };
        let files = Post {
            attachments: vec![],
            ..post()
        };
        let name = Post {
            author_name: Some("Ann".into()),
            ..post()
        };
        let important = Post {
            important: true,
            ..post()
        };
        for changed in [title, message, files, name, important] {
            assert_ne!(changed.content_hash(), hash, "{changed:?}");
        }
    }

    #[test]
    fn the_hash_is_part_of_the_ledger_format() {
        let plain = Post {
            message: "Hello".into(),
            ..Post::default()
        };
        assert_eq!(
            plain.content_hash().to_string(),
            "a916cb8a4eb0d859e3f433b9d0f53180"
        );
        let deal = Entity {
            kind: EntityKind::Deal,
            id: 905,
        };
        let told = Post {
            entity: Some(deal),
            ..post()
        };
        assert_eq!(
            told.content_hash().to_string(),
            "326b7481afe0bc0623389313fb5851c2"
        );
    }

    #[test]
    fn keys_read_as_documented() {
        assert_eq!(RowKey::external("A-1").as_str(), "x:A-1");
        assert_eq!(RowKey::external("A:1").ordinal(), None);
        assert_eq!(RowKey::external("x:1").external_id(), Some("x:1"));
        assert_eq!(
            RowKey::hashed(ContentHash([0; 16]), 0, "").external_id(),
            None
        );
        let hash = ContentHash([0xab; 16]);
        assert_eq!(
            RowKey::hashed(hash, 2, "").as_str(),
            format!("h:{}:2", "ab".repeat(16))
        );
        assert_eq!(RowKey::hashed(hash, 2, "").ordinal(), Some(2));
        assert_eq!(RowKey::hashed(hash, 2, "/a").hash(), Some(hash));
        for key in [RowKey::hashed(hash, 2, "/a"), RowKey::external("1")] {
            assert_eq!(RowKey::parse(key.as_str()), Some(key));
        }
    }
}
