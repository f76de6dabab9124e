//! Posts in the tables: written, changed, deleted, and read back when a portal starts again.

use bytes::Bytes;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::super::method::Method;
use super::super::post::{NewFile, NewPost, News, PostUpdate};

/// The entry of `meta` that keeps the highest ID that was deleted.
const LAST_DELETED: &str = "last_deleted";

/// Writes a post, its files, and what only news have.
pub(super) fn insert(transaction: &Transaction<'_>, post: &NewPost) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO posts(id, method, entity_type, entity_id, title, message, audience, \
             author_id, received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            post.id,
            post.method,
            post.entity_type,
            post.entity_id,
            post.title.as_deref().map(text),
            text(&post.message),
            json_list(&post.audience),
            integer(post.author_id),
            integer(post.received_at),
        ])?;
    insert_files(transaction, post.id, &post.files)?;
    match &post.news {
        Some(news) => insert_news(transaction, post.id, news),
        None => Ok(()),
    }
}

/// Gives a post its new text, and its new files where it has some.
pub(super) fn update(transaction: &Transaction<'_>, update: &PostUpdate) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("UPDATE posts SET message = ? WHERE id = ?")?
        .execute(params![text(&update.message), update.id])?;
    let Some(files) = &update.files else {
        return Ok(());
    };
    transaction
        .prepare_cached("DELETE FROM files WHERE post_id = ?")?
        .execute([update.id])?;
    insert_files(transaction, update.id, files)
}

fn insert_files(
    transaction: &Transaction<'_>,
    post_id: i64,
    files: &[NewFile],
) -> rusqlite::Result<()> {
    for (position, file) in (0i64..).zip(files) {
        insert_file(transaction, post_id, position, file)?;
    }
    Ok(())
}

fn insert_file(
    transaction: &Transaction<'_>,
    post_id: i64,
    position: i64,
    file: &NewFile,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO files(post_id, position, name, size, sha256) VALUES (?, ?, ?, ?, ?)",
        )?
        .execute(params![
            post_id,
            position,
            text(&file.name),
            integer(file.size),
            hex(&file.sha256),
        ])?;
    Ok(())
}

fn insert_news(transaction: &Transaction<'_>, post_id: i64, news: &News) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO news(post_id, important, important_until, tags) VALUES (?, ?, ?, ?)",
        )?
        .execute(params![
            post_id,
            news.important,
            news.important_until,
            json_list(&news.tags),
        ])?;
    Ok(())
}

/// Removes a post with all that belongs to it. Its ID is never given again.
pub(super) fn delete(transaction: &Transaction<'_>, id: i64) -> rusqlite::Result<()> {
    for table in ["files", "news"] {
        transaction.execute(&format!("DELETE FROM {table} WHERE post_id = ?"), [id])?;
    }
    transaction.execute("DELETE FROM posts WHERE id = ?", [id])?;
    let last = id.max(last_deleted(transaction)?);
    transaction.execute(
        "INSERT OR REPLACE INTO meta VALUES (?, ?)",
        params![LAST_DELETED, last.to_string()],
    )?;
    Ok(())
}

/// The highest ID that a post has or had.
pub(super) fn last_id(connection: &Connection) -> rusqlite::Result<i64> {
    let highest: Option<i64> =
        connection.query_row("SELECT max(id) FROM posts", [], |row| row.get(0))?;
    Ok(highest.unwrap_or(0).max(last_deleted(connection)?))
}

fn last_deleted(connection: &Connection) -> rusqlite::Result<i64> {
    let last: Option<i64> = connection
        .query_row(
            "SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?",
            [LAST_DELETED],
            |row| row.get(0),
        )
        .optional()?;
    Ok(last.unwrap_or(0))
}

/// All posts of methods that can be read back.
pub(super) fn readable(connection: &Connection) -> rusqlite::Result<Vec<NewPost>> {
    // Left to choose, SQLite goes through all posts, which come in order.
    let mut query = connection.prepare(
        "SELECT id, method, entity_type, entity_id, title, message, audience, author_id, \
         received_at, important, important_until, tags \
         FROM posts INDEXED BY readable LEFT JOIN news ON post_id = id \
         WHERE method <> 'crm.livefeedmessage.add' ORDER BY id",
    )?;
    let mut files = connection
        .prepare("SELECT name, size, sha256 FROM files WHERE post_id = ? ORDER BY position")?;
    let mut rows = query.query([])?;
    let mut posts = Vec::new();
    while let Some(row) = rows.next()? {
        let method = Method::find(&row.get::<_, String>("method")?);
        if let Some(method) = method.filter(|method| method.can_be_read()) {
            let id: i64 = row.get("id")?;
            let files = files.query_map([id], file)?.collect::<Result<_, _>>()?;
            posts.push(post(row, method, files)?);
        }
    }
    Ok(posts)
}

fn post(row: &Row<'_>, method: Method, files: Vec<NewFile>) -> rusqlite::Result<NewPost> {
    let important: Option<bool> = row.get("important")?;
    let news = match important {
        Some(important) => Some(News {
            important,
            important_until: row.get("important_until")?,
            tags: list_of(&row.get::<_, String>("tags")?),
        }),
        None => None,
    };
    Ok(NewPost {
        id: row.get("id")?,
        method: method.name(),
        entity_type: row.get("entity_type")?,
        entity_id: row.get("entity_id")?,
        title: bytes(row, "title")?,
        message: bytes(row, "message")?.unwrap_or_default(),
        audience: list_of(&row.get::<_, String>("audience")?),
        author_id: row.get("author_id")?,
        received_at: row.get("received_at")?,
        files,
        news,
    })
}

fn file(row: &Row<'_>) -> rusqlite::Result<NewFile> {
    let hash: String = row.get("sha256")?;
    Ok(NewFile {
        name: bytes(row, "name")?.unwrap_or_default(),
        size: row.get("size")?,
        sha256: unhex(&hash),
    })
}

/// A text, UTF-8 or not.
fn bytes(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Bytes>> {
    let value = row.get_ref(column)?.as_bytes_or_null()?;
    Ok(value.map(Bytes::copy_from_slice))
}

fn list_of(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}

/// The hash of 64 hex digits; zeros in place of what is none.
fn unhex(text: &str) -> [u8; 32] {
    std::array::from_fn(|at| {
        let digits = text.get(2 * at..2 * at + 2);
        digits
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .unwrap_or(0)
    })
}

/// Bytes as SQLite text, UTF-8 or not: a portal keeps what PHP handed it.
fn text(bytes: &[u8]) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(ValueRef::Text(bytes))
}

/// SQLite's integers have a sign.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn json_list(codes: &[String]) -> String {
    serde_json::Value::from(codes).to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
