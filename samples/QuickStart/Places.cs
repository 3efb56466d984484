using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Data;

namespace ShardSql.QuickStart;

/// <summary>
/// Which shard some customers live on. No application needs to know; here it serves to measure transfers within a shard
/// and across shards apart.
/// </summary>
internal sealed partial class Places
{
    private const int Sample = 1_500;

    private readonly List<(uint Shard, long[] Customers)> _shards;

    private Places(List<(uint Shard, long[] Customers)> shards) => _shards = shards;

    /// <summary>The shards that hold customers.</summary>
    public IReadOnlyList<uint> Shards => [.. _shards.Select(place => place.Shard)];

    /// <summary>Asks EXPLAIN where customers are.</summary>
    public static async Task<Places> FindAsync(ShardSqlDataSource database)
    {
        await using ShardSqlConnection connection = await database.OpenConnectionAsync();
        var found = new SortedDictionary<uint, List<long>>();
        for (long customer = 1; customer <= Sample; customer++)
        {
            string verdict = await connection.QueryFirstAsync<string>(
                "EXPLAIN SELECT name FROM accounts WHERE customer_id = @customer", new { customer });
            uint shard = uint.Parse(ShardOfVerdict().Match(verdict).Groups[1].ValueSpan, provider: null);
            (found.TryGetValue(shard, out List<long>? customers) ? customers : found[shard] = []).Add(customer);
        }

        return new Places([.. found.Select(place => (place.Key, place.Value.ToArray()))]);
    }

    /// <summary>Two customers of one shard.</summary>
    public Transfer NextWithin(Random random)
    {
        long[] customers = _shards[random.Next(_shards.Count)].Customers;
        int from = random.Next(customers.Length);
        int to = (from + random.Next(1, customers.Length)) % customers.Length;
        return Between(random, customers[from], customers[to]);
    }

    /// <summary>Two customers of two shards.</summary>
    public Transfer NextAcross(Random random)
    {
        int from = random.Next(_shards.Count);
        int to = (from + random.Next(1, _shards.Count)) % _shards.Count;
        return Between(random, Any(random, from), Any(random, to));
    }

    /// <summary>Either, as it comes.</summary>
    public Transfer NextAny(Random random) => random.Next(2) == 0 ? NextWithin(random) : NextAcross(random);

    /// <summary>Whether a customer lives on a shard.</summary>
    public bool IsOn(uint shard, long customer) =>
        Array.BinarySearch(_shards.Find(place => place.Shard == shard).Customers, customer) >= 0;

    private static Transfer Between(Random random, long from, long to) =>
        new(Guid.NewGuid(), from, to, Amount: random.Next(1, 1_000) / 100m);

    private long Any(Random random, int shard) =>
        _shards[shard].Customers[random.Next(_shards[shard].Customers.Length)];

    /// <summary>The verdict names it: "distribution: SINGLE-SHARD (1 of 3 shards: s2) …".</summary>
    [GeneratedRegex(@"SINGLE-SHARD \(1 of \d+ shards: s(\d+)\)")]
    private static partial Regex ShardOfVerdict();
}
