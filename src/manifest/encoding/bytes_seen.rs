//! The lines of a file by whose letters its encoding is known.

/// Enough bytes beyond ASCII to tell an encoding by.
const ENOUGH: usize = 8 << 10;
/// Bytes that are kept at the most.
const MOST: usize = 64 << 10;
/// Bytes of a line that are kept before its first letter beyond ASCII and behind its last one.
const AROUND: usize = 200;

/// Lines with letters beyond ASCII, each ended by a line feed.
#[derive(Clone, Debug, Default)]
pub(in crate::manifest) struct Sample {
    pub lines: Vec<u8>,
}

/// Takes a file block by block and keeps some of its lines.
#[derive(Debug, Default)]
pub(in crate::manifest) struct SampleBuilder {
    sample: Sample,
    /// The end of the last block, if it has other letters: half a line.
    rest: Vec<u8>,
    beyond_ascii: usize,
}

impl SampleBuilder {
    /// Takes the next block; whether more are wanted.
    pub fn add(&mut self, block: &[u8]) -> bool {
        if self.rest.is_empty() && block.is_ascii() {
            return true;
        }
        self.rest.extend_from_slice(block);
        let bytes = std::mem::take(&mut self.rest);
        let (bytes, rest) = bytes.split_at(whole_lines(&bytes));
        if !rest.is_ascii() {
            self.rest = rest.to_vec();
        }
        self.keep_lines(bytes);
        self.beyond_ascii < ENOUGH && self.sample.lines.len() < MOST
    }

    /// What was kept, at the end of the file.
    pub fn finish(mut self) -> Sample {
        let rest = std::mem::take(&mut self.rest);
        self.keep_lines(&rest);
        self.sample
    }

    fn keep_lines(&mut self, bytes: &[u8]) {
        for line in bytes.split(|byte| matches!(byte, b'\n' | b'\r')) {
            let room = MOST.saturating_sub(self.sample.lines.len());
            if self.beyond_ascii >= ENOUGH || room == 0 {
                return;
            }
            let line = around_letters(line);
            let line = &line[..line.len().min(room)];
            if !line.is_empty() {
                self.beyond_ascii += line.iter().filter(|byte| !byte.is_ascii()).count();
                self.sample.lines.extend_from_slice(line);
                self.sample.lines.push(b'\n');
            }
        }
    }
}

/// How much of some bytes are whole lines; of a very long line, what is surely whole characters.
fn whole_lines(bytes: &[u8]) -> usize {
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let end = bytes.iter().rposition(is_end);
    match end.map_or(0, |at| at + 1) {
        0 if bytes.len() > MOST => {
            let last_ascii = bytes.iter().rposition(u8::is_ascii);
            last_ascii.map_or(bytes.len(), |at| at + 1)
        }
        end => end,
    }
}

/// The part of a line that has letters beyond ASCII.
fn around_letters(line: &[u8]) -> &[u8] {
    let is_beyond = |byte: &u8| !byte.is_ascii();
    let (Some(first), Some(last)) = (
        line.iter().position(is_beyond),
        line.iter().rposition(is_beyond),
    ) else {
        return &[];
    };
    let start = first.saturating_sub(AROUND);
    &line[start..line.len().min(last + 1 + AROUND)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(blocks: &[&[u8]]) -> Vec<u8> {
        let mut builder = SampleBuilder::default();
        for block in blocks {
            if !builder.add(block) {
                break;
            }
        }
        builder.finish().lines
    }

    #[test]
    fn only_lines_with_letters_are_kept_whole() {
        let text = "id,message\n1,Привет\r\n2,plain\n3,é\n".as_bytes();
        let expected = "1,Привет\n3,é\n".as_bytes();
        assert_eq!(sample(&[text]), expected);
        for cut in 14..22 {
            let (one, other) = text.split_at(cut);
            let both = sample(&[one, other]);
            let text = String::from_utf8(both).unwrap();
            assert!(text.replace('\n', "").contains("Привет"), "{cut}: {text}");
        }
    }

    #[test]
    fn it_stays_small() {
        let line = format!("{}я{}\n", "a".repeat(9_000), "b".repeat(9_000));
        assert_eq!(sample(&[line.as_bytes()]).len(), 2 * AROUND + 3);
        let many = "яяя\n".repeat(100_000);
        assert!(sample(&[many.as_bytes()]).len() < 2 * ENOUGH);
    }
}
