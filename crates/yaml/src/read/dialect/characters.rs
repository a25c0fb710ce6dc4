//! Characters that the collector's encoder writes as they are.

/// By byte: whether plain text may end there.
pub(super) const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    stops[b'\n' as usize] = true;
    stops[b'\t' as usize] = true;
    stops[b':' as usize] = true;
    stops[b'#' as usize] = true;
    stops
};

/// Whether the text is free of characters that YAML treats as line breaks or refuses: the encoder escapes them all.
pub(super) fn holds_only_ordinary_characters(bytes: &[u8]) -> bool {
    // Without branches, so that the compiler can look at many bytes at once.
    let (control, wide) = bytes.iter().fold((false, false), |(control, wide), &byte| {
        let odd = (byte < 0x20) & (byte != b'\n') & (byte != b'\t') | (byte == 0x7f);
        (control | odd, wide | (byte >= 0x80))
    });
    if control {
        return false;
    }
    !wide
        || !bytes.windows(3).any(|window| match window {
            // C1 controls and NEL.
            [0xc2, second, _] => *second < 0xa0,
            // Line and paragraph separators.
            [0xe2, 0x80, third] => matches!(third, 0xa8 | 0xa9),
            // The byte order mark and the two noncharacters.
            [0xef, 0xbb, 0xbf] | [0xef, 0xbf, 0xbe | 0xbf] => true,
            _ => false,
        })
}
