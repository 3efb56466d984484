using System;

namespace ShardSql.QuickStart;

/// <summary>Money on its way from one customer to another. Dapper binds @Id, @From, @To and @Amount.</summary>
internal sealed record Transfer(Guid Id, long From, long To, decimal Amount);
