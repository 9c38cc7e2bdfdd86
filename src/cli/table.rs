//! Columns of text.

use super::print;

/// A table with a line of headings, its columns as wide as need be. Cells may hold text from anywhere.
pub fn table<const N: usize>(headings: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let rows: Vec<[String; N]> = rows.into_iter().map(|row| row.map(|cell| print::visible(&cell, ' '))).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([headings[column].len()]).max().unwrap_or_default()
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = line(&headings.map(str::to_owned), &widths);
    for row in &rows {
        text.push('\n');
        text.push_str(&line(row, &widths));
    }
    text
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
    padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["a".to_owned(), "bücher".to_owned()], ["longer".to_owned(), "\u{1b}[31m\n".to_owned()]];
        assert_eq!(table(["id", "what"], rows), "id      what\na       bücher\nlonger  \\u{1b}[31m");
        assert_eq!(table(["id", "what"], []), "id  what");
    }
}
