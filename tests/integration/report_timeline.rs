//! The timeline in the reports: its picture, its table, what is left out, and what is said where there is none.

use crate::report_fixture::plain;
use gleaner_render::{Flavor, Format, RenderOptions, render};
use gleaner_report::{Moment, MomentSource, Report};

fn html(report: &Report) -> String {
    let page = render(report, Format::Html, &RenderOptions::default()).unwrap();
    let (_, section) = page.split_once("<section id=\"timeline\"").unwrap();
    section.split_once("<section id=\"alerts\"").unwrap().0.to_owned()
}

fn markdown(report: &Report, flavor: Flavor) -> String {
    let options = RenderOptions {
        flavor,
        full: true,
        ..RenderOptions::default()
    };
    render(report, Format::Markdown, &options).unwrap()
}

/// The plain report with this many events in the last hours, one every ten seconds, the oldest the first bad moment.
fn busy(n: usize) -> Report {
    let mut report = plain();
    let template = report.timeline[1].clone();
    report.timeline = (0..n)
        .map(|at| {
            let before = 10 * (n - at);
            let seconds = 24 * 3600 + 2 * 3600 + 20 * 60 + 31 - before;
            let day = 13 + seconds / 86_400;
            let (hour, minute, second) = (seconds % 86_400 / 3600, seconds / 60 % 60, seconds % 60);
            Moment {
                time: format!("2026-08-{day}T{hour:02}:{minute:02}:{second:02}Z"),
                source: MomentSource::ALL[at % MomentSource::ALL.len()],
                first_bad: at == 0,
                ..template.clone()
            }
        })
        .collect();
    report
}

#[test]
fn the_picture_has_a_mark_for_each_moment_and_no_words_in_it() {
    let section = html(&plain());
    let (_, svg) = section.split_once("<svg ").unwrap();
    let svg = svg.split_once("</svg>").unwrap().0;
    assert!(svg.contains("role=\"img\" aria-labelledby=\"tl-title tl-desc\""));
    assert!(!svg.contains("<text") && !svg.contains("style="));
    let lanes = svg.matches("<rect class=\"lane\"").count();
    assert_eq!(lanes, MomentSource::ALL.len());
    let marks = svg.matches("<rect class=\"bad\"").count() + svg.matches("<rect class=\"dim\"").count();
    // One of the moments is older than the trouble.
    assert_eq!(marks, plain().timeline.len() - 1);
    assert_eq!(svg.matches("<rect class=\"first\"").count(), 1);
    assert_eq!(svg.matches("<rect class=\"end\"").count(), 1);
}

#[test]
fn the_table_marks_the_first_bad_moment_in_words() {
    let section = html(&plain());
    assert_eq!(section.matches("<tr><td").count(), plain().timeline.len() - 1);
    assert_eq!(section.matches("first bad moment</span>").count(), 1);
    assert!(section.contains("<code>nodes/harvester-1.zip!logs/kernel.log:88412</code>"));
}

#[test]
fn what_is_older_than_the_trouble_is_counted_and_not_drawn() {
    let mut report = plain();
    let old = Moment {
        time: "2024-01-02T03:04:05Z".to_owned(),
        bad: false,
        first_bad: false,
        ..report.timeline[1].clone()
    };
    report.timeline.insert(0, old);
    let section = html(&report);
    assert!(!section.contains("2024-01-02"));
    assert!(
        section.contains("2 moments from before the trouble first shows in report.json"),
        "{section}"
    );
}

#[test]
fn a_busy_day_is_counted_in_spans_and_keeps_its_first_bad_moment() {
    let section = html(&busy(1_000));
    let marks = section.matches("<rect class=\"bad\"").count() + section.matches("<rect class=\"dim\"").count();
    assert!((10..=500).contains(&marks), "{marks}");
    assert!(section.contains("A mark counts the moments of a short span"));
    assert_eq!(section.matches("<tr><td").count(), 40);
    assert!(section.contains("first bad moment</span>"));
    assert!(section.contains("960 moments more in report.json"), "{section}");
    let (_, drawn) = section.split_once(" height=\"").unwrap();
    let height: u32 = drawn.split('"').next().unwrap().parse().unwrap();
    let (_, svg) = section.split_once("<svg ").unwrap();
    let heights = svg.split_once("</svg>").unwrap().0.split(" height=\"").skip(1);
    let mut heights = heights.filter_map(|rest| rest.split('"').next()?.parse::<u32>().ok());
    assert!(heights.all(|one| one <= height));
}

#[test]
fn an_empty_timeline_and_one_without_a_known_end_say_so() {
    let mut report = plain();
    report.bundle.created_at = "yesterday".to_owned();
    let section = html(&report);
    assert!(!section.contains("<svg") && section.matches("<tr><td").count() == 6);
    report.timeline.clear();
    assert!(html(&report).contains("The bundle has no events with a known time"));
    let md = markdown(&report, Flavor::Github);
    assert!(md.contains("The bundle has no events with a known time"));
}

#[test]
fn markdown_shows_the_newest_twenty_and_mail_none() {
    let md = markdown(&busy(60), Flavor::Github);
    let (_, section) = md.split_once("## Timeline").unwrap();
    assert_eq!(section.matches("\n| `2026-").count(), 20);
    assert!(section.contains("The worst of it first shows at `2026-08-14 02:10:31 UTC`"));
    assert!(section.contains("The newest 20 of 60 moments."));
    assert!(!markdown(&plain(), Flavor::Text).contains("Timeline"));
}
