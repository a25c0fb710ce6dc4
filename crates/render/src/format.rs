//! What a report can be written as.

/// What a report can be written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// The report itself: `gleaner.report/v2`, the source of all others.
    Json,
    /// The report as earlier versions wrote it: `gleaner.report/v1`.
    JsonV1,
    /// One self-contained page.
    Html,
    /// For an issue, a ticket or a chat; see [`Flavor`].
    Markdown,
    /// For a terminal.
    Text,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for the test tab of a CI system.
    Junit,
    /// GitLab code quality.
    Gitlab,
    /// One finding a line, as JSON.
    JsonLines,
    /// Plain text for a ticket, for the reader it is for.
    Ticket(Audience),
}

/// Who reads the text of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    /// Who runs the cluster: what is wrong, what not to do, what to send.
    Customer,
    /// Who takes the ticket over: causes with evidence, symptoms and steps.
    Engineering,
}

/// Dialects of the Markdown report, each with the budgets of the place it is pasted into, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flavor {
    /// GitHub and GitLab: tables, fences and, in full, collapsed details; 6,000, in full 60,000.
    #[default]
    Github,
    /// CommonMark without any HTML; 6,000, in full 30,000.
    Plain,
    /// Jira wiki markup; 6,000, in full 30,000.
    Jira,
    /// Unformatted text for mail and ServiceNow; 3,800.
    Text,
}

impl Flavor {
    /// The default budget.
    pub fn budget(self) -> usize {
        match self {
            Flavor::Github | Flavor::Plain | Flavor::Jira => 6_000,
            Flavor::Text => 3_800,
        }
    }

    /// The budget of a report with everything in detail, which the flavor for mail does not have.
    pub fn full_budget(self) -> usize {
        match self {
            Flavor::Github => 60_000,
            Flavor::Plain | Flavor::Jira => 30_000,
            Flavor::Text => self.budget(),
        }
    }
}
