using System;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace ShardSql.Data.Tests.SqlStatements;

/// <summary>Joins that look up their right side by a secondary index give the rows that they give without it.</summary>
public sealed class IndexJoinTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    private static readonly string[] s_queries =
    [
        "SELECT l.id, r.id, r.v FROM {0}_l l JOIN {0}_r r ON r.a = l.a WHERE l.id <= 5 ORDER BY 1, 2",
        "SELECT l.id, r.id FROM {0}_l l LEFT JOIN {0}_r r ON r.a = l.a AND r.v > 30 WHERE l.id BETWEEN 3 AND 9 ORDER BY 1, 2",
        "SELECT l.id, r.id FROM {0}_l l JOIN {0}_r r ON l.a = r.a AND l.b = r.b WHERE l.id < 20 ORDER BY 1, 2",
        "SELECT l.id, count(r.id) FROM {0}_l l LEFT JOIN {0}_r r ON r.b = l.b AND r.a = l.a GROUP BY l.id ORDER BY 1",
        "SELECT r.a, r.b FROM {0}_l l JOIN {0}_r r ON r.a = l.a AND r.b = l.b WHERE l.id = 4 ORDER BY 1, 2",
        "SELECT m.id, l.id, r.id FROM {0}_l m JOIN {0}_l l ON l.id = m.a JOIN {0}_r r ON r.a = l.b WHERE m.id IN (2, 4, 6) ORDER BY 1, 2, 3",
        "SELECT l.id FROM {0}_l l WHERE EXISTS (SELECT 1 FROM {0}_r r WHERE r.a = l.a AND r.v = l.b) ORDER BY 1",
        "SELECT l.id, r.id FROM {0}_l l JOIN {0}_r r ON r.a = l.a OR r.b = l.b WHERE l.id = 3 ORDER BY 1, 2",
    ];

    [Theory]
    [InlineData("ij_local", "INDEX ij_local_i ON ij_local_r (a) LOCAL", "by local index ij_local_i", "")]
    [InlineData("ij_global", "INDEX ij_global_i ON ij_global_r (a) GLOBAL", "by global index ij_global_i", "")]
    [InlineData("ij_stores", "INDEX ij_stores_i ON ij_stores_r (a) GLOBAL STORING (v, b)", "by global index ij_stores_i", "")]
    [InlineData("ij_pair", "INDEX ij_pair_i ON ij_pair_r (a, b) LOCAL", "by local index ij_pair_i", "")]
    [InlineData("ij_pairs", "INDEX ij_pairs_i ON ij_pairs_r (a, b) GLOBAL", null, "")]
    [InlineData("ij_range", "INDEX ij_range_i ON ij_range_r (a) LOCAL", "by local index ij_range_i", "SHARD BY RANGE (id) SPLIT AT VALUES (20), (40)")]
    [InlineData("ij_ref", "INDEX ij_ref_i ON ij_ref_r (a)", null, "REFERENCE")]
    public async Task Rows_are_those_of_the_join_without_the_index(string name, string index, string? step, string placement)
    {
        await shop.ExecuteAsync($"CREATE TABLE {name}_l (id int PRIMARY KEY, a int, b int)");
        await shop.ExecuteAsync($"CREATE TABLE {name}_r (id int PRIMARY KEY, a int, b int, v int) {placement}");
        await shop.ExecuteAsync($"INSERT INTO {name}_l VALUES " + string.Join(", ", Enumerable.Range(1, 30).Select(
            i => $"({i}, {(i % 7 == 0 ? "NULL" : (i % 11).ToString(System.Globalization.CultureInfo.InvariantCulture))}, {i % 5})")));
        await shop.ExecuteAsync($"INSERT INTO {name}_r VALUES " + string.Join(", ", Enumerable.Range(1, 60).Select(
            i => $"({i}, {(i % 9 == 0 ? "NULL" : (i % 13).ToString(System.Globalization.CultureInfo.InvariantCulture))}, {i % 5}, {i})")));
        string[] without = await AllAsync(name);
        Assert.All(without, static rows => Assert.NotEmpty(rows));
        await shop.ExecuteAsync("CREATE " + index);
        string plan = await shop.RowsAsync("EXPLAIN " + string.Format(System.Globalization.CultureInfo.InvariantCulture, s_queries[0], name));
        Assert.Equal(step is not null, plan.Contains("by look-ups by", StringComparison.Ordinal));
        Assert.Contains(step ?? "join", plan, StringComparison.Ordinal);
        Assert.Equal(without, await AllAsync(name));
    }

    private async Task<string[]> AllAsync(string name)
    {
        var all = new string[s_queries.Length];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = await shop.RowsAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, s_queries[i], name));
        }

        return all;
    }
}
