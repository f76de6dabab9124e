//! A walk through the tags and words of HTML, in the order in which they stand.

use std::collections::HashMap;

use html5ever::LocalName;
use html5ever::tokenizer::Tag;

use crate::markup::address::link_address;
use crate::markup::converted::{Converted, Images};
use crate::markup::image::{Image, ImageText, image_text};
use crate::markup::writer::{Mark, Writer};

use super::attributes::{attribute, is_data, is_tight_class, is_unseen};
use super::elements::{self, Kind};
use super::style::Style;

/// How many elements may be open inside each other, as in browsers. The tags of further ones are
/// passed over; their text is not.
const DEEPEST: usize = 512;

/// A walk under way.
pub struct Walk<'n> {
    pub writer: Writer,
    /// Whether line ends are line breaks.
    pub keeps_lines: bool,
    attachments: &'n [&'n str],
    open: Vec<Element>,
    /// How many elements of each name are open.
    names: HashMap<LocalName, u32>,
    too_deep: u32,
    /// Open elements whose content is not shown.
    hidden: u32,
    images: Images,
}

/// An open element, and what is to be undone at its end.
struct Element {
    name: LocalName,
    kind: Kind,
    marks: Vec<Mark>,
    is_hidden: bool,
    is_preformatted: bool,
    is_tight: bool,
    /// Nothing was begun for it, since it is in something hidden.
    is_ignored: bool,
}

impl<'n> Walk<'n> {
    pub fn new(attachments: &'n [&'n str]) -> Walk<'n> {
        Walk {
            writer: Writer::default(),
            keeps_lines: false,
            attachments,
            open: Vec::new(),
            names: HashMap::new(),
            too_deep: 0,
            hidden: 0,
            images: Images::default(),
        }
    }

    pub fn finish(mut self) -> Converted<'static> {
        self.end_from(0);
        Converted {
            text: self.writer.finish().into(),
            images: self.images,
        }
    }

    pub fn text(&mut self, text: &str) {
        match (self.hidden > 0, self.keeps_lines) {
            (true, _) => {}
            (false, true) => self.writer.lines(text),
            (false, false) => self.writer.text(text),
        }
    }

    pub fn start(&mut self, tag: &Tag) {
        if elements::is_void(&tag.name) {
            return self.void(tag);
        }
        let kind = elements::kind(&tag.name);
        self.end_implied(&tag.name, kind);
        if elements::is_embedded(&tag.name) {
            self.embedded(tag);
        }
        if self.open.len() >= DEEPEST {
            self.too_deep += 1;
            return;
        }
        let element = match self.hidden > 0 {
            true => Element {
                is_ignored: true,
                ..Element::new(tag, kind)
            },
            false => self.begin(tag, kind),
        };
        *self.names.entry(tag.name.clone()).or_default() += 1;
        self.open.push(element);
    }

    pub fn end(&mut self, name: &LocalName) {
        let kind = elements::kind(name);
        if &**name == "br" {
            return self.line_break();
        }
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        match self.find(name, kind) {
            Some(at) if elements::is_inline(kind) => {
                let element = self.open.remove(at);
                self.finish_element(element);
            }
            Some(at) => self.end_from(at),
            None if &**name == "p" && self.hidden == 0 => self.writer.paragraph(),
            None => {}
        }
    }

    /// The innermost open element of that name, where an end tag that stands here can end it.
    fn find(&self, name: &LocalName, kind: Kind) -> Option<usize> {
        if self.names.get(name).is_none_or(|count| *count == 0) {
            return None;
        }
        for (at, element) in self.open.iter().enumerate().rev() {
            if element.name == *name {
                return Some(at);
            }
            let is_boundary = match elements::is_table_part(kind) {
                true => element.kind == Kind::Table,
                false => elements::is_boundary(element.kind),
            };
            if is_boundary {
                return None;
            }
        }
        None
    }

    /// Ends the elements that end before this one begins, though no tag says so.
    fn end_implied(&mut self, name: &LocalName, kind: Kind) {
        if elements::ends_paragraph(name, kind) {
            let p = LocalName::from("p");
            if let Some(at) = self.find(&p, Kind::Paragraph) {
                self.end_from(at);
            }
        }
        let until = |kind: Kind| move |element: &Element| element.kind == kind;
        match kind {
            Kind::Item => {
                let is_list = |element: &Element| matches!(element.kind, Kind::List { .. });
                self.end_last(is_list, until(Kind::Item));
            }
            Kind::Cell { .. } => {
                let is_cell =
                    |element: &Element| matches!(element.kind, Kind::Cell { .. } | Kind::Caption);
                self.end_last(until(Kind::Table), is_cell);
            }
            Kind::Row | Kind::Caption => {
                let is_row = |element: &Element| matches!(element.kind, Kind::Row | Kind::Caption);
                self.end_last(until(Kind::Table), is_row);
            }
            _ if matches!(&**name, "dd" | "dt" | "option") => {
                let own = |element: &Element| {
                    element.name == *name
                        || (matches!(&*element.name, "dd" | "dt") && &**name != "option")
                };
                self.end_last(|element| &*element.name == "dl", own);
            }
            _ => {}
        }
    }

    /// Ends the innermost element that `is_meant` says, unless it lies outside a boundary.
    fn end_last(
        &mut self,
        is_outside: impl Fn(&Element) -> bool,
        is_meant: impl Fn(&Element) -> bool,
    ) {
        for at in (0..self.open.len()).rev() {
            let element = &self.open[at];
            if is_meant(element) {
                return self.end_from(at);
            }
            if is_outside(element) || (elements::is_boundary(element.kind)) {
                return;
            }
        }
    }

    fn begin(&mut self, tag: &Tag, kind: Kind) -> Element {
        let style = attribute(tag, "style").map_or_else(Style::default, Style::parse);
        let mut element = Element::new(tag, kind);
        element.is_hidden =
            style.is_hidden || kind == Kind::Hidden || attribute(tag, "hidden").is_some();
        if element.is_hidden {
            self.hidden += 1;
            element.is_ignored = true;
            return element;
        }
        element.is_tight = style.is_tight || attribute(tag, "class").is_some_and(is_tight_class);
        self.begin_kind(tag, &mut element, style);
        for mark in style.marks() {
            // What a link looks like is not what it says.
            if kind != Kind::Link || mark != Mark::Underline {
                element.marks.push(mark);
            }
        }
        if kind == Kind::Heading && !style.takes_back(Mark::Bold) {
            element.marks.push(Mark::Bold);
        }
        element
            .marks
            .iter()
            .for_each(|mark| self.writer.start(*mark));
        if style.is_preformatted && kind != Kind::Preformatted {
            element.is_preformatted = true;
        }
        if element.is_preformatted {
            self.writer.start_preformatted();
        }
        element
    }

    fn begin_kind(&mut self, tag: &Tag, element: &mut Element, style: Style) {
        let writer = &mut self.writer;
        match element.kind {
            Kind::Mark(mark) if !style.takes_back(mark) => element.marks.push(mark),
            Kind::Mark(_) | Kind::Span | Kind::Hidden => {}
            Kind::Link => match attribute(tag, "href").and_then(link_address) {
                Some(address) => writer.start_link(address),
                None => element.kind = Kind::Span,
            },
            Kind::Quotation => writer.text("“"),
            Kind::Block if style.has_line_above => writer.rule(),
            Kind::Block => writer.block(),
            Kind::Paragraph if element.is_tight => writer.block(),
            Kind::Paragraph | Kind::Heading => writer.paragraph(),
            Kind::Preformatted => {
                writer.block();
                element.marks.push(Mark::Code);
                element.is_preformatted = true;
            }
            Kind::Quote => writer.start_quote(),
            Kind::List { ordered } => {
                let first = attribute(tag, "start").and_then(|start| start.trim().parse().ok());
                writer.start_list(ordered.then_some(first.unwrap_or(1)));
            }
            Kind::Item => writer.start_item(),
            Kind::Table => writer.start_table(is_data(tag)),
            Kind::Row => writer.end_row(),
            Kind::Cell { is_header } => writer.start_cell(is_header),
            Kind::Caption => {
                writer.end_row();
                writer.start_cell(false);
            }
        }
    }

    /// Ends all elements from this one on.
    fn end_from(&mut self, at: usize) {
        while self.open.len() > at {
            if let Some(element) = self.open.pop() {
                self.finish_element(element);
            }
        }
    }

    fn finish_element(&mut self, element: Element) {
        if let Some(count) = self.names.get_mut(&element.name) {
            *count = count.saturating_sub(1);
        }
        if element.is_hidden {
            self.hidden -= 1;
        }
        if element.is_ignored {
            return;
        }
        let writer = &mut self.writer;
        element.marks.iter().for_each(|mark| writer.end(*mark));
        if element.is_preformatted {
            writer.end_preformatted();
        }
        match element.kind {
            Kind::Mark(_) | Kind::Span | Kind::Hidden => {}
            Kind::Link => writer.end(Mark::Link),
            Kind::Quotation => writer.text("”"),
            Kind::Block | Kind::Preformatted => writer.block(),
            Kind::Paragraph if element.is_tight => writer.block(),
            Kind::Paragraph | Kind::Heading => writer.paragraph(),
            Kind::Quote | Kind::List { .. } | Kind::Item => writer.end_holder(),
            Kind::Table => writer.end_table(),
            Kind::Row | Kind::Caption => writer.end_row(),
            Kind::Cell { .. } => writer.end_cell(),
        }
    }

    fn void(&mut self, tag: &Tag) {
        if self.hidden > 0 {
            return;
        }
        match &*tag.name {
            "br" => self.line_break(),
            "hr" => self.writer.rule(),
            "img" | "image" => self.image_tag(tag),
            "input" => self.input(tag),
            "embed" | "source" => self.embedded(tag),
            _ => {}
        }
    }

    fn line_break(&mut self) {
        if self.hidden == 0 {
            self.writer.line_break();
        }
    }

    /// A box to be ticked; no other input says anything.
    fn input(&mut self, tag: &Tag) {
        let is_box =
            attribute(tag, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("checkbox"));
        if is_box {
            self.task(attribute(tag, "checked").is_some());
        }
    }

    /// The box of a task.
    pub fn task(&mut self, is_done: bool) {
        self.writer.text(if is_done { "☑ " } else { "☐ " });
    }

    /// What is shown from elsewhere, such as a film: its address.
    fn embedded(&mut self, tag: &Tag) {
        let address = attribute(tag, "src").and_then(link_address);
        if let Some(address) = address.filter(|_| self.hidden == 0 && !is_unseen(tag)) {
            self.writer.block();
            self.writer.start_link(address.clone());
            self.writer.text(&address);
            self.writer.end(Mark::Link);
            self.writer.block();
        }
    }

    fn image_tag(&mut self, tag: &Tag) {
        if is_unseen(tag) {
            return;
        }
        self.image(Image {
            src: attribute(tag, "src").unwrap_or_default(),
            alt: attribute(tag, "alt").unwrap_or_default(),
        });
    }

    /// An image that is shown, or what stands in its place.
    pub fn image(&mut self, image: Image<'_>) {
        match image_text(image, self.attachments) {
            ImageText::Shown { tag, host } => {
                self.writer.tag(&tag);
                let is_new = |host: &String| !self.images.hosts.contains(host);
                if let Some(host) = host.filter(is_new) {
                    self.images.hosts.push(host);
                }
            }
            ImageText::Named(name) => self.writer.text(&name),
            ImageText::LeftOut(description) => {
                self.images.left_out += 1;
                self.writer.text(&description);
            }
        }
    }
}

impl Element {
    fn new(tag: &Tag, kind: Kind) -> Element {
        Element {
            name: tag.name.clone(),
            kind,
            marks: Vec::new(),
            is_hidden: false,
            is_preformatted: false,
            is_tight: false,
            is_ignored: false,
        }
    }
}
