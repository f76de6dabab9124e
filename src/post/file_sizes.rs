//! What the files of many posts are known again by.

use xxhash_rust::xxh3::xxh3_128;

use super::ContentHash;

/// The sizes of the files of many posts in one number, whatever the posts' order. A post is told from
/// others by its content: what says the same names the same files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileSizes(u128);

impl FileSizes {
    /// Adds a post and the bytes of its files together. One without files changes nothing.
    pub fn add(&mut self, content: ContentHash, bytes: u64) {
        if bytes > 0 {
            let hash = xxh3_128(&[&content.0[..], &bytes.to_le_bytes()].concat());
            self.merge(FileSizes(hash));
        }
    }

    /// Adds other posts.
    pub fn merge(&mut self, others: FileSizes) {
        self.0 = self.0.wrapping_add(others.0);
    }

    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    pub fn from_bytes(bytes: [u8; 16]) -> FileSizes {
        FileSizes(u128::from_be_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(posts: &[(u8, u64)]) -> FileSizes {
        let mut sizes = FileSizes::default();
        for (content, bytes) in posts {
            sizes.add(ContentHash([*content; 16]), *bytes);
        }
        sizes
    }

    #[test]
    fn sizes_are_known_again_in_any_order_and_in_parts() {
        let all = sizes(&[(1, 5), (2, 7), (2, 7)]);
        assert_eq!(all, sizes(&[(2, 7), (1, 5), (3, 0), (2, 7)]));
        let mut parts = sizes(&[(1, 5), (2, 7)]);
        parts.merge(sizes(&[(2, 7)]));
        assert_eq!(all, parts);
        assert_eq!(FileSizes::from_bytes(all.to_bytes()), all);
    }

    #[test]
    fn any_other_size_shows_also_where_sizes_change_places() {
        let all = sizes(&[(1, 5), (2, 7)]);
        for other in [
            &[(1, 5)][..],
            &[(1, 7), (2, 5)],
            &[(1, 5), (2, 8)],
            &[(1, 5), (2, 7), (2, 7)],
        ] {
            assert_ne!(all, sizes(other), "{other:?}");
        }
        assert_eq!(sizes(&[(1, 0)]), FileSizes::default());
    }
}
