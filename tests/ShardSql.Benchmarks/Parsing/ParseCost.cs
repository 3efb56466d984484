using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using ShardSql.Sql.Parsing;

namespace ShardSql.Benchmarks.Parsing;

/// <summary>What a text costs that is new, and one that has come before.</summary>
/// <param name="Name">The text's kind.</param>
/// <param name="NewNanoseconds">Of a parse.</param>
/// <param name="NewBytes">Allocated by a parse.</param>
/// <param name="KnownNanoseconds">Of a text that was parsed before.</param>
/// <param name="KnownBytes">Allocated for it.</param>
internal sealed record ParseCost(
    string Name, double NewNanoseconds, double NewBytes, double KnownNanoseconds, double KnownBytes)
{
    private const int Rounds = 15;
    private const int Repeats = 400;

    private static readonly KeyValuePair<string, string>[] s_texts =
    [
        new("point SELECT", "SELECT id, name, balance FROM accounts WHERE id = @id"),
        new("UPDATE", "UPDATE accounts SET balance = balance - @amount WHERE id = @id RETURNING balance"),
        new("join, groups, order", "SELECT c.name, count(*) AS n, sum(o.total) FROM customers c LEFT JOIN orders o ON o.customer = c.id "
            + "WHERE c.region = @region AND o.placed >= @since GROUP BY c.name HAVING count(*) > 2 ORDER BY n DESC LIMIT 20"),
        new("IN of 1000 parameters", $"SELECT id FROM t WHERE id IN ({string.Join(",", Enumerable.Range(1, 1000).Select(i => $"@ids{i}"))})"),
    ];

    /// <summary>All texts.</summary>
    public static IEnumerable<ParseCost> MeasureAll() => s_texts.Select(text => Measure(text.Key, text.Value));

    private static ParseCost Measure(string name, string text)
    {
        var cache = new StatementCache(16);
        (double parse, double parseBytes) = Cost(() => SqlParser.Parse(text));
        (double known, double knownBytes) = Cost(() => cache.Parse(text));
        return new ParseCost(name, parse, parseBytes, known, knownBytes);
    }

    /// <summary>The best round's mean: what else the machine did is not in it.</summary>
    private static (double Nanoseconds, double Bytes) Cost(Func<object> work)
    {
        double best = double.MaxValue;
        double bytes = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < Repeats; i++)
            {
                GC.KeepAlive(work());
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalNanoseconds / Repeats);
            bytes = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)Repeats;
        }

        return (best, bytes);
    }
}
