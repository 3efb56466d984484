using System;
using System.Data.Common;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Shell.Printing;

/// <summary>A line for each column, a block for each row.</summary>
internal static class ExpandedPrinter
{
    private const int RuleWidth = 40;

    public static async Task PrintAsync(
        DbDataReader reader, string nullText, TextWriter output, CancellationToken cancellationToken)
    {
        string[] names = [.. Enumerable.Range(0, reader.FieldCount).Select(i => string.Join(' ', CellText.Lines(reader.GetName(i))))];
        int width = names.Length == 0 ? 0 : names.Max(TextWidth.Of);
        long rows = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            string head = string.Create(CultureInfo.InvariantCulture, $"-[ RECORD {++rows} ]");
            await output.WriteLineAsync(head.PadRight(RuleWidth, '-'));
            for (int i = 0; i < names.Length; i++)
            {
                string[] lines = CellText.Of(reader, i) is { } text ? CellText.Lines(text) : [nullText];
                for (int k = 0; k < lines.Length; k++)
                {
                    string name = TextWidth.Pad(k == 0 ? names[i] : string.Empty, width, right: false);
                    await output.WriteLineAsync($"{name} | {lines[k]}{(k + 1 < lines.Length ? "+" : string.Empty)}".TrimEnd());
                }
            }
        }

        await output.WriteLineAsync(ResultPrinter.Footer(rows));
    }
}
