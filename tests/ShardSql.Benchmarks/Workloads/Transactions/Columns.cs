using System.Collections.Generic;
using System.Data;
using System.Linq;

namespace ShardSql.Benchmarks.Workloads.Transactions;

/// <summary>Columns of one type, for the lists that INSERTs are made of.</summary>
internal static class Columns
{
    public static IEnumerable<(string Name, DbType Type)> Ints(params string[] names) => Of(DbType.Int32, names);

    public static IEnumerable<(string Name, DbType Type)> Bigints(params string[] names) => Of(DbType.Int64, names);

    public static IEnumerable<(string Name, DbType Type)> Decimals(params string[] names) => Of(DbType.Decimal, names);

    public static IEnumerable<(string Name, DbType Type)> Texts(params string[] names) => Of(DbType.String, names);

    public static IEnumerable<(string Name, DbType Type)> Timestamps(params string[] names) =>
        Of(DbType.DateTime2, names);

    public static IEnumerable<(string Name, DbType Type)> Uuids(params string[] names) => Of(DbType.Guid, names);

    private static IEnumerable<(string Name, DbType Type)> Of(DbType type, string[] names) =>
        names.Select(name => (name, type));
}
