using System;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>What the executors of one fragment share.</summary>
internal sealed record ExecutionContext(
    SqlValue[] Parameters, MemoryAccount Account, WriteOverlay Overlay, OutputBuffer Output, Func<byte[], Int128?>? FreeAt);
