using System;

namespace ShardSql.Tests.Storage.Stores;

/// <summary>Tests of this class need librocksdb.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RequiresRocksDbAttribute : Attribute;
