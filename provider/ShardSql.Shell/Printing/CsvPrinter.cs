using System;
using System.Buffers;
using System.Data.Common;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Shell.Printing;

/// <summary>RFC 4180 with a line of headings. NULL is nothing, an empty text is "".</summary>
internal static class CsvPrinter
{
    private static readonly SearchValues<char> s_quoted = SearchValues.Create(",\"\r\n");

    public static async Task PrintAsync(DbDataReader reader, TextWriter output, CancellationToken cancellationToken)
    {
        var cells = new string[reader.FieldCount];
        for (int i = 0; i < cells.Length; i++)
        {
            cells[i] = Cell(reader.GetName(i));
        }

        await output.WriteLineAsync(string.Join(',', cells));
        while (await reader.ReadAsync(cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int i = 0; i < cells.Length; i++)
            {
                cells[i] = Cell(CellText.Of(reader, i));
            }

            await output.WriteLineAsync(string.Join(',', cells));
        }
    }

    private static string Cell(string? text) => text switch
    {
        null => string.Empty,
        "" => "\"\"",
        _ when text.AsSpan().ContainsAny(s_quoted) || text[0] == ' ' || text[^1] == ' ' =>
            $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
        _ => text,
    };
}
