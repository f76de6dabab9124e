//! A post as the portal took it: what the store keeps of it.

use bytes::Bytes;

/// A post that was just created. Texts are the bytes that PHP decoded, which need not be UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPost {
    /// The ID that was answered; IDs grow.
    pub id: i64,
    /// The method that created it.
    pub method: &'static str,
    /// 1 lead, 2 deal, 3 contact, 4 company and so on; 0 where the post belongs to no record.
    pub entity_type: i64,
    pub entity_id: i64,
    /// Nothing when none was sent.
    pub title: Option<Bytes>,
    pub message: Bytes,
    /// Right codes such as `U1`, in the order sent, each once.
    pub audience: Vec<String>,
    pub author_id: u64,
    /// Unix time in milliseconds.
    pub received_at: u64,
    pub files: Vec<NewFile>,
    /// What only a post in the News Feed has.
    pub news: Option<News>,
}

impl NewPost {
    /// Bytes of its texts and files.
    pub(super) fn bytes(&self) -> u64 {
        let texts = self.message.len() + self.title.as_ref().map_or(0, Bytes::len);
        texts as u64 + self.files.iter().map(|file| file.size).sum::<u64>()
    }

    /// The same with texts of its own, which do not hold on to the buffer of the request.
    pub(super) fn apart(&self) -> NewPost {
        let own = |text: &Bytes| Bytes::copy_from_slice(text);
        let mut post = self.clone();
        post.title = self.title.as_ref().map(own);
        post.message = own(&self.message);
        for file in &mut post.files {
            file.name = own(&file.name);
        }
        post
    }
}

/// What only a post in the News Feed has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    pub important: bool,
    /// `IMPORTANT_DATE_END` as sent.
    pub important_until: Option<String>,
    /// As sent; those within the text are not among them.
    pub tags: Vec<String>,
}

/// A file of a post. Its content is only counted and hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    pub name: Bytes,
    /// Bytes.
    pub size: u64,
    pub sha256: [u8; 32],
}
