using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Partitioning;
using ShardSql.Primitives;

namespace ShardSql.Benchmarks.Partitioning;

/// <summary>
/// Graphs of what the transactions of two known workloads touch together; a vertex weighs its touches.
/// </summary>
internal static class TransactionGraphs
{
    private const int Warehouses = 60;
    private const int Districts = 10;
    private const int CustomersOfAWarehouse = 189;
    private const int ItemsOfAWarehouse = 300;
    private const int RowsOfAWarehouse = 1 + Districts + CustomersOfAWarehouse + ItemsOfAWarehouse;
    private const int TpcCTransactions = 12_000;

    private const int Customers = 15_000;
    private const int CustomersOfACommunity = 50;
    private const int SmallBankTransactions = 300_000;

    /// <summary>
    /// New orders (about ten stock rows, each 1 % from another warehouse) and payments (15 % by a customer of another
    /// warehouse), as TPC-C 5.11 asks; clauses 2.4 and 2.5.
    /// </summary>
    public static TransactionTrace TpcC(Prng random)
    {
        var touches = new Touches(Warehouses * RowsOfAWarehouse);
        var rows = new List<int>();
        for (int i = 0; i < TpcCTransactions; i++)
        {
            rows.Clear();
            int warehouse = random.Next(Warehouses);
            rows.Add(RowOf(warehouse, 0));
            rows.Add(RowOf(warehouse, 1 + random.Next(Districts)));
            if (random.Next(88) < 45)
            {
                rows.Add(CustomerOf(warehouse, random));
                int lines = random.Next(5, 16);
                for (int line = 0; line < lines; line++)
                {
                    int supplier = random.Next(100) < 1 ? random.Next(Warehouses) : warehouse;
                    rows.Add(RowOf(supplier, 1 + Districts + CustomersOfAWarehouse + random.Next(ItemsOfAWarehouse)));
                }
            }
            else
            {
                rows.Add(CustomerOf(random.Next(100) < 15 ? random.Next(Warehouses) : warehouse, random));
            }

            touches.Add(rows);
        }

        return touches.Build();
    }

    /// <summary>
    /// Checking and savings rows; 40 % of transactions pay another customer, 19 of 20 times in the own community, and a
    /// quarter of all go to a tenth of the customers.
    /// </summary>
    public static TransactionTrace SmallBank(Prng random)
    {
        var touches = new Touches(Customers * 2);
        var rows = new List<int>();
        for (int i = 0; i < SmallBankTransactions; i++)
        {
            rows.Clear();
            int payer = random.Next(4) == 0 ? random.Next(Customers / 10) * 10 : random.Next(Customers);
            switch (random.Next(10))
            {
                case < 4:
                    int payee = random.Next(100) < 5
                        ? random.Next(Customers)
                        : (payer / CustomersOfACommunity * CustomersOfACommunity) + random.Next(CustomersOfACommunity);
                    rows.Add(payer * 2);
                    rows.Add(payee * 2);
                    break;
                case < 8:
                    rows.Add(payer * 2);
                    rows.Add((payer * 2) + 1);
                    break;
                default:
                    rows.Add((payer * 2) + random.Next(2));
                    break;
            }

            touches.Add(rows);
        }

        return touches.Build();
    }

    private static int RowOf(int warehouse, int row) => (warehouse * RowsOfAWarehouse) + row;

    private static int CustomerOf(int warehouse, Prng random) =>
        RowOf(warehouse, 1 + Districts + random.Next(CustomersOfAWarehouse));

    /// <summary>Counts how often rows are touched and touched together; numbers are shuffled at the end.</summary>
    private sealed class Touches(int rows)
    {
        private const ulong ShuffleSeed = 7;

        private readonly int[] _weights = new int[rows];
        private readonly List<(int First, int Second)> _pairs = [];
        private readonly List<int[]> _transactions = [];

        public void Add(List<int> touched)
        {
            _transactions.Add([.. touched]);
            for (int i = 0; i < touched.Count; i++)
            {
                _weights[touched[i]]++;
                for (int j = 0; j < i; j++)
                {
                    _pairs.Add((touched[i], touched[j]));
                }
            }
        }

        public TransactionTrace Build()
        {
            var random = new Prng(ShuffleSeed);
            int[] names = new int[rows];
            int[] rowOf = new int[rows];
            for (int i = 0; i < rows; i++)
            {
                int other = random.Next(i + 1);
                rowOf[i] = rowOf[other];
                rowOf[other] = i;
            }

            var graph = new PartitionGraphBuilder();
            for (int i = 0; i < rows; i++)
            {
                names[rowOf[i]] = graph.AddVertex(Math.Max(1, _weights[rowOf[i]]));
            }

            foreach ((int first, int second) in _pairs)
            {
                graph.AddEdge(names[first], names[second], 1);
            }

            var sample = new TransactionSample();
            foreach (int[] transaction in _transactions)
            {
                sample.Add([.. transaction.Select(row => names[row])], 1);
            }

            return new TransactionTrace(graph.Build(), sample, rowOf);
        }
    }
}
