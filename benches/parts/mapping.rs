//! A mapping over the cells of rows that have been taken apart already.

use b24post::manifest::Cell;
use b24post::manifest::mapping::{
    Applied, BoundMapping, ColumnOptions, Mapping, PartBuffer, Source,
};
use b24post::post::Field;
use criterion::{Criterion, Throughput};

const ROWS: u64 = 100_000;
const HEADER: [&str; 8] = [
    "ID",
    "Тип",
    "Тема",
    "Текст",
    "Дата",
    "Автор",
    "n1",
    "Contacts",
];
const PLAIN: &str = "[fields]\nexternal_id = 'ID'\nmessage = 'Текст'\ntitle = 'Тема'\n\
    created_at = 'Дата'\nauthor_name = 'Автор'\n";
const TABLE: &str =
    "entity_type = { column = 'Тип', values = { 'Сделка' = 'deal', 'Лид' = 'lead' } }\n";

pub fn bench(criterion: &mut Criterion) {
    let templates = PLAIN.replace("'Текст'", "{ template = \"{Тема}\\n\\n{Текст}\" }");
    let parts = "[explode]\ncolumns = ['n1', 'Текст']\n[[records]]\ntype = 'contact'\n\
                 column = 'Contacts'\nseparator = ';'\n";
    let exploded = PLAIN.replace("message = 'Текст'\n", "");
    let mut group = criterion.benchmark_group("mapping");
    group.throughput(Throughput::Elements(ROWS)).sample_size(10);
    for (name, text) in [
        ("plain columns", PLAIN.to_owned()),
        (
            "plain columns, a table and a template",
            format!("{templates}{TABLE}"),
        ),
        ("four posts a row", format!("{exploded}{parts}")),
    ] {
        let mapping = Mapping::parse("m.toml".as_ref(), text.as_bytes()).unwrap();
        let bound = mapping
            .bind_header(HEADER, ColumnOptions::default())
            .unwrap();
        group.bench_function(name, |bencher| bencher.iter(|| map_rows(&bound)));
    }
    group.finish();
}

/// Maps the rows and looks at each field of each post.
fn map_rows(bound: &BoundMapping) -> usize {
    let (mut buffer, mut cells, mut seen) = (PartBuffer::default(), Vec::new(), 0);
    let note = "Клиент просит перезвонить в четверг после обеда, договор не подписан";
    for number in 0..ROWS {
        let record = [
            if number % 2 == 0 { "51" } else { "52" },
            if number % 3 == 0 {
                "Сделка"
            } else {
                "Лид"
            },
            "Звонок",
            note,
            "12.03.2019 14:05:00",
            "Иванов",
            "n",
            "7;8",
        ];
        let mut row = b24post::manifest::mapping::emptied(cells);
        row.extend(bound.sources().map(|source| match source {
            Source::Column(column) => Cell::Text(record[*column]),
            Source::Path(_) | Source::FieldKey(_) => Cell::Absent,
        }));
        if let Applied::Parts(parts) = bound.apply(&row, &mut buffer) {
            for part in parts.iter() {
                let filled = Field::ALL
                    .iter()
                    .filter(|field| !part.cell(**field).is_empty());
                seen += filled.count();
            }
        }
        cells = b24post::manifest::mapping::emptied(row);
    }
    seen
}
