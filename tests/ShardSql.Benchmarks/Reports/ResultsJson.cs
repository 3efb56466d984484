using System.Collections.Generic;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ShardSql.Benchmarks.Reports;

/// <summary>results.json: an array with an object for each measure.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IReadOnlyList<ResultRow>))]
internal sealed partial class ResultsJson : JsonSerializerContext
{
    /// <summary>The file's text.</summary>
    public static string Of(IReadOnlyList<ResultRow> rows) =>
        JsonSerializer.Serialize(rows, Default.IReadOnlyListResultRow) + "\n";
}
