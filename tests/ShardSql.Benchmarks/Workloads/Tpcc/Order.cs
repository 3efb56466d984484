using System.Collections.Generic;

namespace ShardSql.Benchmarks.Workloads.Tpcc;

/// <summary>What a customer orders.</summary>
internal sealed record Order(int Warehouse, int District, int Customer, IReadOnlyList<OrderedItem> Lines);

/// <summary>A line of an order, and the warehouse whose stock it is taken from.</summary>
internal readonly record struct OrderedItem(int Item, int Supplier, int Quantity);
