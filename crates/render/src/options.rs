//! How much of a report is written, and for which kind of reader.

use crate::format::Flavor;

/// How a report is written. Options never change what it says, only how much of it.
#[derive(Debug, Clone)]
pub struct RenderOptions {
    /// Most rows a finding shows in HTML; `report.json` has them all.
    pub max_rows: usize,
    /// Whether [`Format::Html`] on paper has all sections, and not only the diagnosis, the causes and who is affected.
    pub appendix: bool,
    /// Dialect of [`Format::Markdown`].
    pub flavor: Flavor,
    /// Most bytes of [`Format::Markdown`]; `None` means the flavor's budget.
    pub max_chars: Option<usize>,
    /// Whether [`Format::Text`] and [`Format::Markdown`] show every cause and symptom in detail, and not the worst alone.
    pub full: bool,
    /// Whether [`Format::Text`] uses colours.
    pub color: bool,
    /// Columns of the terminal for [`Format::Text`]; sentences wrap there, paths and commands never do.
    pub width: usize,
    /// Whether the symbols of [`Format::Text`] are ASCII.
    pub ascii: bool,
}

impl Default for RenderOptions {
    fn default() -> Self {
        RenderOptions {
            max_rows: 50,
            appendix: false,
            flavor: Flavor::Github,
            max_chars: None,
            full: false,
            color: false,
            width: 80,
            ascii: false,
        }
    }
}
