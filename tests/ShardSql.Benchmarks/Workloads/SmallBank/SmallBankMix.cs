using System;
using ShardSql.Benchmarks.Workloads.Transactions;

namespace ShardSql.Benchmarks.Workloads.SmallBank;

/// <summary>SmallBank's mix, customers drawn uniformly.</summary>
internal static class SmallBankMix
{
    private const int AmalgamateTo = 15;
    private const int BalanceTo = 30;
    private const int DepositCheckingTo = 45;
    private const int SendPaymentTo = 70;
    private const int TransactSavingsTo = 85;
    private const int All = 100;

    /// <summary>Draws a transaction.</summary>
    public static ITransaction Next(Random random, SmallBankTables tables)
    {
        int kind = random.Next(All);
        long customer = random.Next(SmallBankTables.Customers);
        long other = (customer + random.Next(1, SmallBankTables.Customers)) % SmallBankTables.Customers;
        return kind switch
        {
            < AmalgamateTo => new Amalgamate(customer, other),
            < BalanceTo => new Balance(customer),
            < DepositCheckingTo => new DepositChecking(tables, customer),
            < SendPaymentTo => new SendPayment(customer, other),
            < TransactSavingsTo => new TransactSavings(tables, customer),
            _ => new WriteCheck(tables, customer),
        };
    }
}
