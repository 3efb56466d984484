using System.Text.Json;
using System.Text.Json.Serialization;

namespace ShardSql.QuickStart;

/// <summary>The last line of the output, for programs.</summary>
internal sealed record Summary(
    bool TotalExact,
    double TpsSingle,
    double P99MsSingle,
    double TpsCross,
    double P99MsCross,
    double? FailoverMs,
    int AcknowledgedLost)
{
    /// <summary>Nothing acknowledged is lost, every cent is there, and the killed leader was replaced.</summary>
    [JsonIgnore]
    public bool IsGood => TotalExact && AcknowledgedLost == 0 && FailoverMs is not null;

    public override string ToString() => JsonSerializer.Serialize(this, SummaryJson.Default.Summary);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Summary))]
internal sealed partial class SummaryJson : JsonSerializerContext;
