//! How a CSV file is written, found by its beginning: what separates the fields, and on which line
//! the header stands.
//!
//! A header that names a field of ours settles it. Else the file is cut by each usual delimiter, and
//! the one by which most records have as many fields as the header wins; where two fit alike, nobody
//! can tell, and the user is asked.

use csv::{ByteRecord, ReaderBuilder};

use crate::post::Field;

use super::Delimiter;
use super::column_names::{ColumnMeaning, ColumnNames};
use super::quotes::line_ends;

/// How a CSV file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// What separates the fields.
    pub delimiter: Delimiter,
    /// How that is known.
    pub known_by: KnownBy,
    /// Texts of the lines above the header that are none of the table's, such as a title.
    pub titles: Vec<String>,
    /// The first line where it names the delimiter, as it is written.
    pub(super) sep_line: Option<String>,
    /// Bytes of the text before the header.
    pub(super) header_at: usize,
    /// Physical lines before it.
    pub(super) lines_before: u64,
}

/// How a delimiter is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownBy {
    /// By the user.
    Option,
    /// By a first line such as `sep=;`.
    SepLine,
    /// By the header, which names fields.
    Header,
    /// By the number of fields, which is the same in nearly all records.
    Counts,
    /// By nothing: there seems to be one column.
    OneColumn,
}

/// Delimiters that fit alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unsure(pub Vec<Delimiter>);

/// Records that are looked at.
const LOOKED_AT: usize = 200;

/// Records that may stand above a header.
const MOST_TITLES: usize = 20;

/// Share of the records that must have as many fields as the header.
const MOST_RECORDS: f64 = 0.8;

/// Characters of a title that are kept.
const SHOWN: usize = 80;

impl Dialect {
    /// Finds out how a text is written that begins so; `is_whole` where nothing follows. Columns
    /// that the user has named are known to stand in the header.
    pub(super) fn find(
        text: &[u8],
        is_whole: bool,
        said: Option<Delimiter>,
        names: &ColumnNames,
    ) -> Result<Dialect, Unsure> {
        let (sep, behind) = sep_line(text);
        let given = said.or(sep);
        let candidates: Vec<Table> = match given {
            Some(delimiter) => vec![Table::of(&text[behind..], is_whole, delimiter, names)],
            None => Delimiter::USUAL
                .into_iter()
                .map(|delimiter| Table::of(text, is_whole, delimiter, names))
                .collect(),
        };
        let (table, known_by) = match (&candidates[..], said, sep) {
            ([table], Some(_), _) => (table, KnownBy::Option),
            ([table], None, _) => (table, KnownBy::SepLine),
            (tables, ..) => choose(tables)?,
        };
        let at = behind + table.header_at;
        Ok(Dialect {
            delimiter: table.delimiter,
            known_by,
            titles: table.titles.clone(),
            sep_line: sep
                .filter(|sep| *sep == table.delimiter)
                .map(|_| written_line(&text[..behind])),
            header_at: at,
            lines_before: line_ends(&text[..at]),
        })
    }
}

/// The delimiter that the first line names, as Excel reads it, and where the next line begins.
fn sep_line(text: &[u8]) -> (Option<Delimiter>, usize) {
    let end = memchr::memchr(b'\n', text).map_or(text.len(), |end| end + 1);
    let line = text[..end].trim_ascii_end();
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let line = line.strip_suffix(b"\"").unwrap_or(line);
    match line {
        [s, e, p, b'=', byte] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => {
            let delimiter = Delimiter::of_byte(*byte);
            (delimiter, if delimiter.is_some() { end } else { 0 })
        }
        // The blank of a tab was cut off with the line's end.
        [s, e, p, b'=']
            if [*s, *e, *p].eq_ignore_ascii_case(b"sep") && text[..end].contains(&b'\t') =>
        {
            (Delimiter::of_byte(b'\t'), end)
        }
        _ => (None, 0),
    }
}

/// A line without its end.
fn written_line(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    text.trim_end_matches(['\r', '\n']).to_owned()
}

fn choose(tables: &[Table]) -> Result<(&Table, KnownBy), Unsure> {
    if let Some(table) = tables.iter().find(|table| table.names_fields) {
        return Ok((table, KnownBy::Header));
    }
    let mut fitting: Vec<&Table> = tables
        .iter()
        .filter(|table| table.columns > 1 && table.share >= MOST_RECORDS)
        .collect();
    // A delimiter of the header's own is better than one of the rows alone, whose header is then
    // taken for a title.
    fitting.sort_by_key(|table| (table.titles.len(), std::cmp::Reverse(table.columns)));
    match fitting[..] {
        [] => Ok((&tables[0], KnownBy::OneColumn)),
        [best, next, ..] if best.is_like(next) => {
            let alike = fitting.iter().filter(|table| table.is_like(best));
            Err(Unsure(alike.map(|table| table.delimiter).collect()))
        }
        [best, ..] => Ok((best, KnownBy::Counts)),
    }
}

/// The beginning of a file as one delimiter cuts it.
#[derive(Debug)]
struct Table {
    delimiter: Delimiter,
    /// Fields of the header, and of most records.
    columns: usize,
    /// Share of the records from the header on that have as many.
    share: f64,
    /// Whether the header has a field of ours or a column that the user names.
    names_fields: bool,
    header_at: usize,
    titles: Vec<String>,
}

impl Table {
    fn of(text: &[u8], is_whole: bool, delimiter: Delimiter, names: &ColumnNames) -> Table {
        let records = records(text, is_whole, delimiter);
        let above = |place: usize| records[..place].iter().all(is_title);
        let known = records
            .iter()
            .take(MOST_TITLES)
            .position(|record| names_fields(record, names))
            .filter(|place| above(*place) && (*place == 0 || records[*place].len() > 1));
        let columns = usual_length(&records);
        let header = known.unwrap_or_else(|| {
            let has_names =
                |record: &ByteRecord| record.len() == columns && 2 * filled(record) > columns;
            let first = records.iter().take(MOST_TITLES).position(has_names);
            first.filter(|place| above(*place)).unwrap_or(0)
        });
        let rows = records.get(header..).unwrap_or_default();
        let columns = rows.first().map_or(0, ByteRecord::len);
        let fitting = rows.iter().filter(|row| row.len() == columns).count();
        Table {
            delimiter,
            columns,
            share: fitting as f64 / rows.len().max(1) as f64,
            names_fields: known.is_some(),
            header_at: rows.first().map_or(0, |header| start(header, text)),
            titles: records[..header].iter().map(title).collect(),
        }
    }

    /// Whether nothing speaks for the one rather than the other.
    fn is_like(&self, other: &Table) -> bool {
        self.titles.len() == other.titles.len() && self.columns == other.columns
    }
}

/// The first records; one that may go on behind the text is left out.
fn records(text: &[u8], is_whole: bool, delimiter: Delimiter) -> Vec<ByteRecord> {
    let reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter.byte())
        .from_reader(text);
    let mut records: Vec<ByteRecord> = reader
        .into_byte_records()
        .map_while(Result::ok)
        .take(LOOKED_AT)
        .collect();
    if !is_whole && records.len() > 1 && records.len() < LOOKED_AT {
        records.pop();
    }
    records
}

/// The number of fields that most records have.
fn usual_length(records: &[ByteRecord]) -> usize {
    let mut lengths: Vec<usize> = records.iter().map(ByteRecord::len).collect();
    lengths.sort_unstable();
    let runs = lengths.chunk_by(|one, other| one == other);
    let usual = runs.max_by_key(|run| (run.len(), run[0]));
    usual.map_or(0, |run| run[0])
}

/// Whether a record has the message's name, or that of a column that the user names.
fn names_fields(record: &ByteRecord, names: &ColumnNames) -> bool {
    let tells = |name: &str| {
        names.meaning(name.trim()) == ColumnMeaning::Field(Field::Message)
            || names.are_expected(name)
    };
    let mut cells = record.iter().filter_map(|name| str::from_utf8(name).ok());
    cells.any(tells)
}

/// Whether a record says one thing at most, as a line above a table does.
fn is_title(record: &ByteRecord) -> bool {
    filled(record) <= 1
}

fn filled(record: &ByteRecord) -> usize {
    let says_something = |field: &&[u8]| !field.trim_ascii().is_empty();
    record.iter().filter(says_something).count()
}

/// Where a record begins, behind blank lines.
fn start(record: &ByteRecord, text: &[u8]) -> usize {
    let position = record.position().map_or(0, |position| position.byte());
    let at = (position as usize).min(text.len());
    let blank = text[at..]
        .iter()
        .take_while(|byte| matches!(byte, b'\n' | b'\r'));
    at + blank.count()
}

fn title(record: &ByteRecord) -> String {
    let mut fields = record.iter().map(<[u8]>::trim_ascii);
    let said = fields.rfind(|field| !field.is_empty());
    String::from_utf8_lossy(said.unwrap_or_default())
        .chars()
        .take(SHOWN)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str) -> Result<Dialect, Unsure> {
        Dialect::find(text.as_bytes(), true, None, &ColumnNames::default())
    }

    fn found(text: &str) -> (String, KnownBy, u64) {
        let dialect = find(text).unwrap();
        let header = &text[dialect.header_at..];
        assert!(!header.starts_with('\n'), "{header:?}");
        (
            dialect.delimiter.to_string(),
            dialect.known_by,
            dialect.lines_before,
        )
    }

    #[test]
    fn a_header_with_fields_settles_it() {
        for (text, delimiter, lines) in [
            ("message\na;b\nc;d\n", ",", 0),
            ("title;message\na,b;c\n", ";", 0),
            ("title\tmessage\n", "tab", 0),
            ("\"title\"|\"message\"\n1|a, b; c\n", "|", 0),
            ("Notes of 2019\n\nentity_id,message\n1,note\n", ",", 2),
            ("Notes;;\r\n\r\nid;message;x\r\n", ";", 2),
        ] {
            let (found, known_by, above) = found(text);
            assert_eq!((found.as_str(), above), (delimiter, lines), "{text:?}");
            assert_eq!(known_by, KnownBy::Header, "{text:?}");
        }
    }

    #[test]
    fn other_headers_are_known_by_the_number_of_fields() {
        for (text, delimiter, lines) in [
            ("ID;Text\n1;a, b, c\n2;d\n3;e, f\n", ";", 0),
            ("ID;Sum;Text\n1;2,5;a\n2;3,5;b\n", ";", 0),
            ("Report\nID;Text\n1;a\n2;b\n", ";", 1),
            ("ID\tText\n1\ta, b; c\n2\t\"x\ny\"\n", "tab", 0),
            ("ID,Text\n1,\"a; b\"\n", ",", 0),
        ] {
            let (found, known_by, above) = found(text);
            assert_eq!((found.as_str(), above), (delimiter, lines), "{text:?}");
            assert_eq!(known_by, KnownBy::Counts, "{text:?}");
        }
        let alike = find("a,b;c,d;e\n1,2;3,4;5\n").unwrap_err();
        assert_eq!(alike.0.len(), 2);
    }

    #[test]
    fn a_first_line_may_name_it() {
        for text in [
            "sep=;\nID;a,b\n1;2\n",
            "SEP=;\r\nID;a,b\r\n",
            "\"sep=;\"\nx;y\n",
        ] {
            let (delimiter, known_by, lines) = found(text);
            assert_eq!(
                (delimiter.as_str(), known_by, lines),
                (";", KnownBy::SepLine, 1)
            );
        }
        let (delimiter, ..) = found("sep=\t\nID\tx\n");
        assert_eq!(delimiter, "tab");
    }

    #[test]
    fn one_column_needs_no_delimiter() {
        for text in ["", "text\nhello\n", "text\na, b\nc\nd, e, f\n"] {
            let dialect = find(text).unwrap();
            assert_eq!(dialect.known_by, KnownBy::OneColumn, "{text:?}");
            assert_eq!(dialect.delimiter, Delimiter::default());
        }
    }

    #[test]
    fn columns_that_the_user_names_are_the_headers() {
        let named = ColumnNames::new(&[(Field::Message, "Текст".to_owned())], None, &[]);
        let text = "Отчёт, март\nИмя;Текст\nа;б,в\nг\n";
        let dialect = Dialect::find(text.as_bytes(), true, None, &named).unwrap();
        assert_eq!(dialect.delimiter.to_string(), ";");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_looked_at(text in proptest::collection::vec(
            proptest::sample::select(b"a;,\t|\"\r\n= 1\xd0\xbfsep".to_vec()), 0..60)) {
            if let Ok(dialect) = Dialect::find(&text, true, None, &ColumnNames::default()) {
                proptest::prop_assert!(dialect.header_at <= text.len());
            }
        }
    }
}
