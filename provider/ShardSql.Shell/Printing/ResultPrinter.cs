using System.Data.Common;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Shell.Printing;

/// <summary>Writes the rows of one result in the format that is set.</summary>
internal static class ResultPrinter
{
    public static Task PrintAsync(
        DbDataReader reader, PrintSettings settings, TextWriter output, CancellationToken cancellationToken) =>
        settings.Format switch
        {
            OutputFormat.Csv => CsvPrinter.PrintAsync(reader, output, cancellationToken),
            OutputFormat.Json => JsonPrinter.PrintAsync(reader, output, cancellationToken),
            _ when settings.Expanded => ExpandedPrinter.PrintAsync(reader, settings.NullText, output, cancellationToken),
            _ => TablePrinter.PrintAsync(reader, settings.NullText, output, cancellationToken),
        };

    /// <summary>The line under a table.</summary>
    public static string Footer(long rows) => rows == 1
        ? "(1 row)"
        : string.Create(CultureInfo.InvariantCulture, $"({rows} rows)");
}
