//! A post as the portal took it: what the store keeps of it.

use bytes::Bytes;

/// A post that was just created. Texts are the bytes that PHP decoded, which need not be UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPost {
    /// The ID that was answered; IDs grow.
    pub id: i64,
    /// The method that created it.
    pub method: &'static str,
    /// 1 lead, 2 deal, 3 contact, 4 company and so on; 0 where the post belongs to no entity.
    pub entity_type: i64,
    /// The entity's ID; 0 where the post belongs to none.
    pub entity_id: i64,
    /// Nothing when none was sent.
    pub title: Option<Bytes>,
    /// The text.
    pub message: Bytes,
    /// Right codes such as `U1`, in the order sent, each once.
    pub audience: Vec<String>,
    /// The user who is its author.
    pub author_id: u64,
    /// Unix time in milliseconds.
    pub received_at: u64,
    /// The attachments, in the order sent.
    pub files: Vec<NewFile>,
    /// What only a post in the News Feed has.
    pub news: Option<News>,
}

impl NewPost {
    /// Bytes of its texts and files.
    pub(super) fn bytes(&self) -> u64 {
        let texts = self.message.len() + self.title.as_ref().map_or(0, Bytes::len);
        texts as u64 + bytes_of(&self.files)
    }

    /// The same with texts of its own, which do not hold on to the buffer of the request.
    pub(super) fn apart(&self) -> NewPost {
        let mut post = self.clone();
        post.title = self.title.as_ref().map(own);
        post.message = own(&self.message);
        post.files = own_files(&self.files);
        post
    }

    /// Takes over what an update changes, with texts of its own.
    pub(super) fn apply(&mut self, update: &PostUpdate) {
        self.message = own(&update.message);
        if let Some(files) = &update.files {
            self.files = own_files(files);
        }
    }
}

/// What a call changes in a post that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostUpdate {
    /// The post's ID.
    pub id: i64,
    /// The new text.
    pub message: Bytes,
    /// The files in place of the old ones; nothing where those stay.
    pub files: Option<Vec<NewFile>>,
}

impl PostUpdate {
    /// Bytes of its text and files.
    pub(super) fn bytes(&self) -> u64 {
        let files = self.files.as_deref().unwrap_or_default();
        self.message.len() as u64 + bytes_of(files)
    }
}

fn bytes_of(files: &[NewFile]) -> u64 {
    files.iter().map(|file| file.size).sum()
}

fn own(text: &Bytes) -> Bytes {
    Bytes::copy_from_slice(text)
}

fn own_files(files: &[NewFile]) -> Vec<NewFile> {
    let own_file = |file: &NewFile| NewFile {
        name: own(&file.name),
        ..*file
    };
    files.iter().map(own_file).collect()
}

/// What only a post in the News Feed has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Whether it was sent as important.
    pub important: bool,
    /// `IMPORTANT_DATE_END` as sent.
    pub important_until: Option<String>,
    /// As sent; those within the text are not among them.
    pub tags: Vec<String>,
}

/// A file of a post. Its content is only counted and hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// The name as sent.
    pub name: Bytes,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the content.
    pub sha256: [u8; 32],
}
