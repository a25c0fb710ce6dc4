//! Numbers that look random and are the same every time: a hash of text, and a generator seeded with a number.

/// A generator of numbers (splitmix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// Text of the given length over an alphabet.
    pub(crate) fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        let mut letter = || {
            let index = usize::try_from(self.below(alphabet.len() as u64)).unwrap_or_default();
            alphabet.get(index).copied().map_or('x', char::from)
        };
        (0..length).map(|_| letter()).collect()
    }
}

/// The alphabet of hexadecimal digits.
pub(crate) const HEX: &[u8] = b"0123456789abcdef";

/// A number for a text (FNV-1a).
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
