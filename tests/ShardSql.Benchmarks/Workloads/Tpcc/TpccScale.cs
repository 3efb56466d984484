using System;

namespace ShardSql.Benchmarks.Workloads.Tpcc;

/// <summary>
/// How large a TPC-C database is. Warehouses and districts are as in the specification, what is in them is less, so
/// that it is loaded in seconds; A of NURand is as large in proportion (TPC-C 5.11, 1.2.1 and 2.1.6).
/// </summary>
/// <param name="Warehouses">Warehouses, from 1 on.</param>
internal sealed record TpccScale(int Warehouses)
{
    /// <summary>Districts of a warehouse.</summary>
    public const int Districts = 10;

    /// <summary>Customers of a district, each with one order at first. Specification: 3,000.</summary>
    public const int Customers = 120;

    /// <summary>Orders of a district whose customers wait for them at first: the newest.</summary>
    public const int NewOrders = Customers * 3 / 10;

    /// <summary>Items, and stock of a warehouse. Specification: 100,000.</summary>
    public const int Items = 2_000;

    /// <summary>Last names in use. Specification: 1,000.</summary>
    public const int LastNames = Customers;

    /// <summary>A of NURand for customers: 1,023 in the specification.</summary>
    public const int CustomerA = 31;

    /// <summary>A of NURand for items: 8,191 in the specification.</summary>
    public const int ItemA = 127;

    /// <summary>A of NURand for last names: 255 in the specification.</summary>
    public const int LastNameA = 31;

    /// <summary>The warehouse that client i, from 0, is at home in.</summary>
    public int HomeOf(int client) => (client % Warehouses) + 1;

    /// <summary>Draws a warehouse that is not this one; this one where there is no other.</summary>
    public int NextOther(Random random, int warehouse) =>
        Warehouses == 1 ? warehouse : ((warehouse - 1 + random.Next(1, Warehouses)) % Warehouses) + 1;
}
