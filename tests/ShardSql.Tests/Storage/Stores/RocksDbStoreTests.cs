using ShardSql.Storage.Stores;

namespace ShardSql.Tests.Storage.Stores;

[RequiresRocksDb]
public sealed class RocksDbStoreTests : BaseStoreTestKit
{
    protected override string Kind => RocksDbStore.KindName;
}
