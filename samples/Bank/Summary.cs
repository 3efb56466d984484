using System.Text.Json;
using System.Text.Json.Serialization;

namespace ShardSql.Bank;

/// <summary>The last line of the output, for programs.</summary>
/// <param name="CrossShardBefore">Share of the transactions over two shards before.</param>
/// <param name="CrossShardAfter">And after.</param>
/// <param name="TpsBefore">Transactions per second before.</param>
/// <param name="TpsAfter">And after.</param>
/// <param name="LongestStallMs">The longest transaction while rows moved and every shard had a leader.</param>
/// <param name="Errors">Errors that clients saw while every shard had a leader.</param>
/// <param name="TotalExact">Whether every cent and every customer is there.</param>
/// <param name="Moves">Moves that were done.</param>
/// <param name="FailoverMs">From the kill of a leader until its shard served again.</param>
/// <param name="MerchantTpsBefore">Payments per second to one merchant whose account all of them write.</param>
/// <param name="MerchantTpsAfter">And once it spills over.</param>
/// <param name="MerchantP99MsBefore">99th percentile of such a payment, its retries included.</param>
/// <param name="MerchantP99MsAfter">And once it spills over.</param>
internal sealed record Summary(
    double CrossShardBefore,
    double CrossShardAfter,
    double TpsBefore,
    double TpsAfter,
    double LongestStallMs,
    int Errors,
    bool TotalExact,
    long Moves,
    double FailoverMs,
    double MerchantTpsBefore,
    double MerchantTpsAfter,
    double MerchantP99MsBefore,
    double MerchantP99MsAfter)
{
    [JsonIgnore]
    public bool IsGood => TotalExact && Errors == 0 && CrossShardAfter < CrossShardBefore;

    public override string ToString() => JsonSerializer.Serialize(this, SummaryJson.Default.Summary);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Summary))]
internal sealed partial class SummaryJson : JsonSerializerContext;
