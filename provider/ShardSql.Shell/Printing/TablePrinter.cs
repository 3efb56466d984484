using System;
using System.Collections.Generic;
using System.Data.Common;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Shell.Printing;

/// <summary>
/// Columns aligned under headings. Widths follow from the headings and the first <see cref="MeasuredRows"/> rows, so a
/// result of any length is written in bounded memory; a wider value later on stands out of its column.
/// </summary>
internal sealed class TablePrinter
{
    /// <summary>Rows that are held back to find the widths.</summary>
    public const int MeasuredRows = 1000;

    private readonly string[][] _headings;
    private readonly bool[] _isNumber;
    private readonly int[] _widths;
    private readonly TextWriter _output;

    private TablePrinter(DbDataReader reader, TextWriter output)
    {
        int count = reader.FieldCount;
        _headings = [.. Enumerable.Range(0, count).Select(i => CellText.Lines(reader.GetName(i)))];
        _isNumber = [.. Enumerable.Range(0, count).Select(i => CellText.IsNumber(reader.GetFieldType(i)))];
        _widths = new int[count];
        _output = output;
        Measure(_headings);
    }

    public static async Task PrintAsync(
        DbDataReader reader, string nullText, TextWriter output, CancellationToken cancellationToken)
    {
        var printer = new TablePrinter(reader, output);
        var first = new List<string[][]>();
        long rows = 0;
        while (rows < MeasuredRows && await reader.ReadAsync(cancellationToken))
        {
            first.Add(Cells(reader, nullText));
            printer.Measure(first[^1]);
            rows++;
        }

        printer.WriteHead();
        first.ForEach(printer.WriteRow);
        first.Clear();
        while (await reader.ReadAsync(cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            printer.WriteRow(Cells(reader, nullText));
            rows++;
        }

        await output.WriteLineAsync(ResultPrinter.Footer(rows));
    }

    private static string[][] Cells(DbDataReader reader, string nullText)
    {
        var cells = new string[reader.FieldCount][];
        for (int i = 0; i < cells.Length; i++)
        {
            cells[i] = CellText.Of(reader, i) is { } text ? CellText.Lines(text) : [nullText];
        }

        return cells;
    }

    private void Measure(string[][] cells)
    {
        for (int i = 0; i < cells.Length; i++)
        {
            _widths[i] = Math.Max(_widths[i], cells[i].Max(TextWidth.Of));
        }
    }

    private void WriteHead()
    {
        WriteLines(_headings, isHead: true);
        _output.WriteLine(string.Join('+', _widths.Select(width => new string('-', width + 2))));
    }

    private void WriteRow(string[][] cells) => WriteLines(cells, isHead: false);

    /// <summary>A value of several lines goes on below; a + at the end of a line says so.</summary>
    private void WriteLines(string[][] cells, bool isHead)
    {
        int height = cells.Length == 0 ? 1 : cells.Max(cell => cell.Length);
        for (int k = 0; k < height; k++)
        {
            var line = new StringBuilder();
            for (int i = 0; i < cells.Length; i++)
            {
                string text = k < cells[i].Length ? cells[i][k] : string.Empty;
                line.Append(i == 0 ? " " : "| ")
                    .Append(isHead ? Centre(text, _widths[i]) : TextWidth.Pad(text, _widths[i], _isNumber[i]))
                    .Append(k + 1 < cells[i].Length ? '+' : ' ');
            }

            _output.WriteLine(line.ToString().TrimEnd());
        }
    }

    private static string Centre(string text, int width)
    {
        int before = Math.Max(0, width - TextWidth.Of(text)) / 2;
        return TextWidth.Pad(new string(' ', before) + text, width, right: false);
    }
}
