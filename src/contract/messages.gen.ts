/**
 * The messages of Milvus's wire contract, by `deno task proto` from the contract in milvus-sdk-rust 3.0.3; do not edit.
 *
 * A message `X` has two forms. `X` is what reading gives (proto-loader with `longs: BigInt, enums: String, defaults:
 * true, oneofs: true`): scalars, arrays and maps are always there, 64-bit integers are `bigint`, an unset message is
 * `null`; an unset member of a oneof and an unset `optional` field are absent, and a set one is named by the oneof's
 * own property (`_x` for `optional x`). `XInput` is what may be written: every field may be left out, and what was
 * read may be written back. An enum is the name of its value, or the number where a newer server sends one unknown here.
 * (A name unknown here is not refused when written: it counts as unset.) A map with integer keys of 64 bits is read with
 * keys that are protobufjs's hash of the number; it is written with decimal ones.
 *
 * Names: that of the message, `Outer_Inner` for a nested one, with the package in front where two packages clash.
 *
 * @module
 */

/** Every unary RPC of MilvusService. */
export type Methods = {
  readonly CreateCollection: { readonly request: CreateCollectionRequestInput; readonly response: Status }
  readonly DropCollection: { readonly request: DropCollectionRequestInput; readonly response: Status }
  readonly HasCollection: { readonly request: HasCollectionRequestInput; readonly response: BoolResponse }
  readonly LoadCollection: { readonly request: LoadCollectionRequestInput; readonly response: Status }
  readonly ReleaseCollection: { readonly request: ReleaseCollectionRequestInput; readonly response: Status }
  readonly DescribeCollection: { readonly request: DescribeCollectionRequestInput; readonly response: DescribeCollectionResponse }
  readonly BatchDescribeCollection: { readonly request: BatchDescribeCollectionRequestInput; readonly response: BatchDescribeCollectionResponse }
  readonly GetCollectionStatistics: { readonly request: GetCollectionStatisticsRequestInput; readonly response: GetCollectionStatisticsResponse }
  readonly ShowCollections: { readonly request: ShowCollectionsRequestInput; readonly response: ShowCollectionsResponse }
  readonly AlterCollection: { readonly request: AlterCollectionRequestInput; readonly response: Status }
  readonly AlterCollectionField: { readonly request: AlterCollectionFieldRequestInput; readonly response: Status }
  readonly AddCollectionFunction: { readonly request: AddCollectionFunctionRequestInput; readonly response: Status }
  readonly AlterCollectionFunction: { readonly request: AlterCollectionFunctionRequestInput; readonly response: Status }
  readonly DropCollectionFunction: { readonly request: DropCollectionFunctionRequestInput; readonly response: Status }
  readonly TruncateCollection: { readonly request: TruncateCollectionRequestInput; readonly response: TruncateCollectionResponse }
  readonly CreatePartition: { readonly request: CreatePartitionRequestInput; readonly response: Status }
  readonly DropPartition: { readonly request: DropPartitionRequestInput; readonly response: Status }
  readonly HasPartition: { readonly request: HasPartitionRequestInput; readonly response: BoolResponse }
  readonly LoadPartitions: { readonly request: LoadPartitionsRequestInput; readonly response: Status }
  readonly Prewarm: { readonly request: PrewarmRequestInput; readonly response: PrewarmResponse }
  readonly DescribePrewarmTask: { readonly request: DescribePrewarmTaskRequestInput; readonly response: DescribePrewarmTaskResponse }
  readonly ReleasePartitions: { readonly request: ReleasePartitionsRequestInput; readonly response: Status }
  readonly GetPartitionStatistics: { readonly request: GetPartitionStatisticsRequestInput; readonly response: GetPartitionStatisticsResponse }
  readonly ShowPartitions: { readonly request: ShowPartitionsRequestInput; readonly response: ShowPartitionsResponse }
  readonly CreateNamespace: { readonly request: CreateNamespaceRequestInput; readonly response: CreateNamespaceResponse }
  readonly DescribeNamespace: { readonly request: DescribeNamespaceRequestInput; readonly response: DescribeNamespaceResponse }
  readonly ListNamespaces: { readonly request: ListNamespacesRequestInput; readonly response: ListNamespacesResponse }
  readonly DropNamespace: { readonly request: DropNamespaceRequestInput; readonly response: DropNamespaceResponse }
  readonly HasNamespace: { readonly request: HasNamespaceRequestInput; readonly response: HasNamespaceResponse }
  readonly GetNamespaceStats: { readonly request: GetNamespaceStatsRequestInput; readonly response: GetNamespaceStatsResponse }
  readonly GetLoadingProgress: { readonly request: GetLoadingProgressRequestInput; readonly response: GetLoadingProgressResponse }
  readonly GetLoadState: { readonly request: GetLoadStateRequestInput; readonly response: GetLoadStateResponse }
  readonly CreateAlias: { readonly request: CreateAliasRequestInput; readonly response: Status }
  readonly DropAlias: { readonly request: DropAliasRequestInput; readonly response: Status }
  readonly AlterAlias: { readonly request: AlterAliasRequestInput; readonly response: Status }
  readonly DescribeAlias: { readonly request: DescribeAliasRequestInput; readonly response: DescribeAliasResponse }
  readonly ListAliases: { readonly request: ListAliasesRequestInput; readonly response: ListAliasesResponse }
  readonly CreateIndex: { readonly request: CreateIndexRequestInput; readonly response: Status }
  readonly AlterIndex: { readonly request: AlterIndexRequestInput; readonly response: Status }
  readonly DescribeIndex: { readonly request: DescribeIndexRequestInput; readonly response: DescribeIndexResponse }
  readonly GetIndexStatistics: { readonly request: GetIndexStatisticsRequestInput; readonly response: GetIndexStatisticsResponse }
  /** @deprecated */
  readonly GetIndexState: { readonly request: GetIndexStateRequestInput; readonly response: GetIndexStateResponse }
  /** @deprecated */
  readonly GetIndexBuildProgress: { readonly request: GetIndexBuildProgressRequestInput; readonly response: GetIndexBuildProgressResponse }
  readonly DropIndex: { readonly request: DropIndexRequestInput; readonly response: Status }
  readonly Insert: { readonly request: InsertRequestInput; readonly response: MutationResult }
  readonly Delete: { readonly request: DeleteRequestInput; readonly response: MutationResult }
  readonly Upsert: { readonly request: UpsertRequestInput; readonly response: MutationResult }
  readonly Search: { readonly request: SearchRequestInput; readonly response: SearchResults }
  readonly HybridSearch: { readonly request: HybridSearchRequestInput; readonly response: SearchResults }
  readonly Flush: { readonly request: FlushRequestInput; readonly response: FlushResponse }
  readonly Query: { readonly request: QueryRequestInput; readonly response: QueryResults }
  readonly CalcDistance: { readonly request: CalcDistanceRequestInput; readonly response: CalcDistanceResults }
  readonly FlushAll: { readonly request: FlushAllRequestInput; readonly response: FlushAllResponse }
  readonly AddCollectionField: { readonly request: AddCollectionFieldRequestInput; readonly response: Status }
  readonly AddCollectionStructField: { readonly request: AddCollectionStructFieldRequestInput; readonly response: Status }
  readonly GetFlushState: { readonly request: GetFlushStateRequestInput; readonly response: GetFlushStateResponse }
  readonly GetFlushAllState: { readonly request: GetFlushAllStateRequestInput; readonly response: GetFlushAllStateResponse }
  readonly GetPersistentSegmentInfo: { readonly request: GetPersistentSegmentInfoRequestInput; readonly response: GetPersistentSegmentInfoResponse }
  readonly GetQuerySegmentInfo: { readonly request: GetQuerySegmentInfoRequestInput; readonly response: GetQuerySegmentInfoResponse }
  readonly GetReplicas: { readonly request: GetReplicasRequestInput; readonly response: GetReplicasResponse }
  readonly Dummy: { readonly request: DummyRequestInput; readonly response: DummyResponse }
  readonly RegisterLink: { readonly request: RegisterLinkRequestInput; readonly response: RegisterLinkResponse }
  readonly GetMetrics: { readonly request: GetMetricsRequestInput; readonly response: GetMetricsResponse }
  readonly GetComponentStates: { readonly request: GetComponentStatesRequestInput; readonly response: ComponentStates }
  readonly LoadBalance: { readonly request: LoadBalanceRequestInput; readonly response: Status }
  readonly GetCompactionState: { readonly request: GetCompactionStateRequestInput; readonly response: GetCompactionStateResponse }
  readonly ManualCompaction: { readonly request: ManualCompactionRequestInput; readonly response: ManualCompactionResponse }
  readonly GetCompactionStateWithPlans: { readonly request: GetCompactionPlansRequestInput; readonly response: GetCompactionPlansResponse }
  readonly Import: { readonly request: ImportRequestInput; readonly response: ImportResponse }
  readonly GetImportState: { readonly request: GetImportStateRequestInput; readonly response: GetImportStateResponse }
  readonly ListImportTasks: { readonly request: ListImportTasksRequestInput; readonly response: ListImportTasksResponse }
  readonly CreateCredential: { readonly request: CreateCredentialRequestInput; readonly response: Status }
  readonly UpdateCredential: { readonly request: UpdateCredentialRequestInput; readonly response: Status }
  readonly DeleteCredential: { readonly request: DeleteCredentialRequestInput; readonly response: Status }
  readonly ListCredUsers: { readonly request: ListCredUsersRequestInput; readonly response: ListCredUsersResponse }
  readonly CreateRole: { readonly request: CreateRoleRequestInput; readonly response: Status }
  readonly AlterRole: { readonly request: AlterRoleRequestInput; readonly response: Status }
  readonly DropRole: { readonly request: DropRoleRequestInput; readonly response: Status }
  readonly OperateUserRole: { readonly request: OperateUserRoleRequestInput; readonly response: Status }
  readonly SelectRole: { readonly request: SelectRoleRequestInput; readonly response: SelectRoleResponse }
  readonly SelectUser: { readonly request: SelectUserRequestInput; readonly response: SelectUserResponse }
  readonly OperatePrivilege: { readonly request: OperatePrivilegeRequestInput; readonly response: Status }
  readonly OperatePrivilegeV2: { readonly request: OperatePrivilegeV2RequestInput; readonly response: Status }
  readonly SelectGrant: { readonly request: SelectGrantRequestInput; readonly response: SelectGrantResponse }
  readonly GetVersion: { readonly request: GetVersionRequestInput; readonly response: GetVersionResponse }
  readonly CheckHealth: { readonly request: CheckHealthRequestInput; readonly response: CheckHealthResponse }
  readonly CreateResourceGroup: { readonly request: CreateResourceGroupRequestInput; readonly response: Status }
  readonly DropResourceGroup: { readonly request: DropResourceGroupRequestInput; readonly response: Status }
  readonly UpdateResourceGroups: { readonly request: UpdateResourceGroupsRequestInput; readonly response: Status }
  readonly TransferNode: { readonly request: TransferNodeRequestInput; readonly response: Status }
  readonly TransferReplica: { readonly request: TransferReplicaRequestInput; readonly response: Status }
  readonly ListResourceGroups: { readonly request: ListResourceGroupsRequestInput; readonly response: ListResourceGroupsResponse }
  readonly DescribeResourceGroup: { readonly request: DescribeResourceGroupRequestInput; readonly response: DescribeResourceGroupResponse }
  readonly RenameCollection: { readonly request: RenameCollectionRequestInput; readonly response: Status }
  readonly ListIndexedSegment: { readonly request: ListIndexedSegmentRequestInput; readonly response: ListIndexedSegmentResponse }
  readonly DescribeSegmentIndexData: { readonly request: DescribeSegmentIndexDataRequestInput; readonly response: DescribeSegmentIndexDataResponse }
  readonly Connect: { readonly request: ConnectRequestInput; readonly response: ConnectResponse }
  readonly AllocTimestamp: { readonly request: AllocTimestampRequestInput; readonly response: AllocTimestampResponse }
  readonly CreateDatabase: { readonly request: CreateDatabaseRequestInput; readonly response: Status }
  readonly DropDatabase: { readonly request: DropDatabaseRequestInput; readonly response: Status }
  readonly ListDatabases: { readonly request: ListDatabasesRequestInput; readonly response: ListDatabasesResponse }
  readonly AlterDatabase: { readonly request: AlterDatabaseRequestInput; readonly response: Status }
  readonly DescribeDatabase: { readonly request: DescribeDatabaseRequestInput; readonly response: DescribeDatabaseResponse }
  /** @deprecated */
  readonly ReplicateMessage: { readonly request: ReplicateMessageRequestInput; readonly response: ReplicateMessageResponse }
  readonly BackupRBAC: { readonly request: BackupRBACMetaRequestInput; readonly response: BackupRBACMetaResponse }
  readonly RestoreRBAC: { readonly request: RestoreRBACMetaRequestInput; readonly response: Status }
  readonly CreatePrivilegeGroup: { readonly request: CreatePrivilegeGroupRequestInput; readonly response: Status }
  readonly DropPrivilegeGroup: { readonly request: DropPrivilegeGroupRequestInput; readonly response: Status }
  readonly ListPrivilegeGroups: { readonly request: ListPrivilegeGroupsRequestInput; readonly response: ListPrivilegeGroupsResponse }
  readonly OperatePrivilegeGroup: { readonly request: OperatePrivilegeGroupRequestInput; readonly response: Status }
  readonly RunAnalyzer: { readonly request: RunAnalyzerRequestInput; readonly response: RunAnalyzerResponse }
  readonly AddFileResource: { readonly request: AddFileResourceRequestInput; readonly response: Status }
  readonly RemoveFileResource: { readonly request: RemoveFileResourceRequestInput; readonly response: Status }
  readonly ListFileResources: { readonly request: ListFileResourcesRequestInput; readonly response: ListFileResourcesResponse }
  readonly AddUserTags: { readonly request: AddUserTagsRequestInput; readonly response: Status }
  readonly DeleteUserTags: { readonly request: DeleteUserTagsRequestInput; readonly response: Status }
  readonly GetUserTags: { readonly request: GetUserTagsRequestInput; readonly response: GetUserTagsResponse }
  readonly ListUsersWithTag: { readonly request: ListUsersWithTagRequestInput; readonly response: ListUsersWithTagResponse }
  readonly CreateRowPolicy: { readonly request: CreateRowPolicyRequestInput; readonly response: Status }
  readonly DropRowPolicy: { readonly request: DropRowPolicyRequestInput; readonly response: Status }
  readonly ListRowPolicies: { readonly request: ListRowPoliciesRequestInput; readonly response: ListRowPoliciesResponse }
  readonly UpdateRowPolicy: { readonly request: UpdateRowPolicyRequestInput; readonly response: Status }
  readonly SetRLSPrincipalTags: { readonly request: SetRLSPrincipalTagsRequestInput; readonly response: Status }
  readonly GetRLSPrincipalTags: { readonly request: GetRLSPrincipalTagsRequestInput; readonly response: GetRLSPrincipalTagsResponse }
  readonly ListRLSPrincipals: { readonly request: ListRLSPrincipalsRequestInput; readonly response: ListRLSPrincipalsResponse }
  readonly DeleteRLSPrincipalTags: { readonly request: DeleteRLSPrincipalTagsRequestInput; readonly response: Status }
  readonly UpdateReplicateConfiguration: { readonly request: UpdateReplicateConfigurationRequestInput; readonly response: Status }
  readonly GetReplicateConfiguration: { readonly request: GetReplicateConfigurationRequestInput; readonly response: GetReplicateConfigurationResponse }
  readonly GetReplicateInfo: { readonly request: GetReplicateInfoRequestInput; readonly response: GetReplicateInfoResponse }
  readonly ComputePhraseMatchSlop: { readonly request: ComputePhraseMatchSlopRequestInput; readonly response: ComputePhraseMatchSlopResponse }
  readonly CreateSnapshot: { readonly request: CreateSnapshotRequestInput; readonly response: Status }
  readonly DropSnapshot: { readonly request: DropSnapshotRequestInput; readonly response: Status }
  readonly ListSnapshots: { readonly request: ListSnapshotsRequestInput; readonly response: ListSnapshotsResponse }
  readonly DescribeSnapshot: { readonly request: DescribeSnapshotRequestInput; readonly response: DescribeSnapshotResponse }
  readonly RestoreSnapshot: { readonly request: RestoreSnapshotRequestInput; readonly response: RestoreSnapshotResponse }
  readonly RestoreExternalSnapshot: { readonly request: RestoreExternalSnapshotRequestInput; readonly response: RestoreExternalSnapshotResponse }
  readonly ExportSnapshot: { readonly request: ExportSnapshotRequestInput; readonly response: ExportSnapshotResponse }
  readonly GetExportSnapshotState: { readonly request: GetExportSnapshotStateRequestInput; readonly response: GetExportSnapshotStateResponse }
  readonly GetRestoreSnapshotState: { readonly request: GetRestoreSnapshotStateRequestInput; readonly response: GetRestoreSnapshotStateResponse }
  readonly ListRestoreSnapshotJobs: { readonly request: ListRestoreSnapshotJobsRequestInput; readonly response: ListRestoreSnapshotJobsResponse }
  readonly PinSnapshotData: { readonly request: PinSnapshotDataRequestInput; readonly response: PinSnapshotDataResponse }
  readonly UnpinSnapshotData: { readonly request: UnpinSnapshotDataRequestInput; readonly response: Status }
  readonly AlterCollectionSchema: { readonly request: AlterCollectionSchemaRequestInput; readonly response: AlterCollectionSchemaResponse }
  readonly BatchUpdateManifest: { readonly request: BatchUpdateManifestRequestInput; readonly response: Status }
  readonly RefreshExternalCollection: { readonly request: RefreshExternalCollectionRequestInput; readonly response: RefreshExternalCollectionResponse }
  readonly GetRefreshExternalCollectionProgress: { readonly request: GetRefreshExternalCollectionProgressRequestInput; readonly response: GetRefreshExternalCollectionProgressResponse }
  readonly ListRefreshExternalCollectionJobs: { readonly request: ListRefreshExternalCollectionJobsRequestInput; readonly response: ListRefreshExternalCollectionJobsResponse }
}

/** The RPCs of MilvusService that stream their replies, and their requests if `requestStream` is true. */
export type StreamingMethods = {
  readonly CreateReplicateStream: { readonly request: ReplicateRequestInput; readonly response: ReplicateResponse; readonly requestStream: true }
  readonly DumpMessages: { readonly request: DumpMessagesRequestInput; readonly response: DumpMessagesResponse; readonly requestStream: false }
}

/** Every message by its full name, other than those nested in another: proto-loader defines none of these. */
export type Messages = {
  readonly "milvus.proto.common.Status": { readonly input: StatusInput; readonly output: Status }
  readonly "milvus.proto.common.KeyValuePair": { readonly input: KeyValuePairInput; readonly output: KeyValuePair }
  readonly "milvus.proto.common.KeyDataPair": { readonly input: KeyDataPairInput; readonly output: KeyDataPair }
  readonly "milvus.proto.common.Blob": { readonly input: BlobInput; readonly output: Blob }
  readonly "milvus.proto.common.PlaceholderValue": { readonly input: PlaceholderValueInput; readonly output: PlaceholderValue }
  readonly "milvus.proto.common.PlaceholderGroup": { readonly input: PlaceholderGroupInput; readonly output: PlaceholderGroup }
  readonly "milvus.proto.common.Address": { readonly input: AddressInput; readonly output: Address }
  readonly "milvus.proto.common.MsgBase": { readonly input: MsgBaseInput; readonly output: MsgBase }
  readonly "milvus.proto.common.ReplicateInfo": { readonly input: ReplicateInfoInput; readonly output: ReplicateInfo }
  readonly "milvus.proto.common.MsgHeader": { readonly input: MsgHeaderInput; readonly output: MsgHeader }
  readonly "milvus.proto.common.DMLMsgHeader": { readonly input: DMLMsgHeaderInput; readonly output: DMLMsgHeader }
  readonly "milvus.proto.common.PrivilegeExt": { readonly input: PrivilegeExtInput; readonly output: PrivilegeExt }
  readonly "milvus.proto.common.SegmentStats": { readonly input: SegmentStatsInput; readonly output: SegmentStats }
  readonly "milvus.proto.common.ClientInfo": { readonly input: ClientInfoInput; readonly output: ClientInfo }
  readonly "milvus.proto.common.Metrics": { readonly input: MetricsInput; readonly output: Metrics }
  readonly "milvus.proto.common.OperationMetrics": { readonly input: OperationMetricsInput; readonly output: OperationMetrics }
  readonly "milvus.proto.common.ClientCommand": { readonly input: ClientCommandInput; readonly output: ClientCommand }
  readonly "milvus.proto.common.CommandReply": { readonly input: CommandReplyInput; readonly output: CommandReply }
  readonly "milvus.proto.common.ServerInfo": { readonly input: ServerInfoInput; readonly output: ServerInfo }
  readonly "milvus.proto.common.NodeInfo": { readonly input: NodeInfoInput; readonly output: NodeInfo }
  readonly "milvus.proto.common.ReplicateConfiguration": { readonly input: ReplicateConfigurationInput; readonly output: ReplicateConfiguration }
  readonly "milvus.proto.common.ConnectionParam": { readonly input: ConnectionParamInput; readonly output: ConnectionParam }
  readonly "milvus.proto.common.MilvusCluster": { readonly input: MilvusClusterInput; readonly output: MilvusCluster }
  readonly "milvus.proto.common.CrossClusterTopology": { readonly input: CrossClusterTopologyInput; readonly output: CrossClusterTopology }
  readonly "milvus.proto.common.MessageID": { readonly input: MessageIDInput; readonly output: MessageID }
  readonly "milvus.proto.common.ImmutableMessage": { readonly input: ImmutableMessageInput; readonly output: ImmutableMessage }
  readonly "milvus.proto.common.ReplicateCheckpoint": { readonly input: ReplicateCheckpointInput; readonly output: ReplicateCheckpoint }
  readonly "milvus.proto.common.HighlightData": { readonly input: HighlightDataInput; readonly output: HighlightData }
  readonly "milvus.proto.common.HighlightResult": { readonly input: HighlightResultInput; readonly output: HighlightResult }
  readonly "milvus.proto.common.Highlighter": { readonly input: HighlighterInput; readonly output: Highlighter }
  readonly "milvus.proto.common.MetricAggSpec": { readonly input: MetricAggSpecInput; readonly output: MetricAggSpec }
  readonly "milvus.proto.common.SortSpec": { readonly input: SortSpecInput; readonly output: SortSpec }
  readonly "milvus.proto.common.TopHitsSpec": { readonly input: TopHitsSpecInput; readonly output: TopHitsSpec }
  readonly "milvus.proto.common.OrderSpec": { readonly input: OrderSpecInput; readonly output: OrderSpec }
  readonly "milvus.proto.common.SearchAggregationSpec": { readonly input: SearchAggregationSpecInput; readonly output: SearchAggregationSpec }
  readonly "milvus.proto.common.IDRange": { readonly input: IDRangeInput; readonly output: IDRange }
  readonly "milvus.proto.feder.SegmentIndexData": { readonly input: SegmentIndexDataInput; readonly output: SegmentIndexData }
  readonly "milvus.proto.feder.ListIndexedSegmentRequest": { readonly input: ListIndexedSegmentRequestInput; readonly output: ListIndexedSegmentRequest }
  readonly "milvus.proto.feder.ListIndexedSegmentResponse": { readonly input: ListIndexedSegmentResponseInput; readonly output: ListIndexedSegmentResponse }
  readonly "milvus.proto.feder.DescribeSegmentIndexDataRequest": { readonly input: DescribeSegmentIndexDataRequestInput; readonly output: DescribeSegmentIndexDataRequest }
  readonly "milvus.proto.feder.DescribeSegmentIndexDataResponse": { readonly input: DescribeSegmentIndexDataResponseInput; readonly output: DescribeSegmentIndexDataResponse }
  readonly "milvus.proto.milvus.CreateAliasRequest": { readonly input: CreateAliasRequestInput; readonly output: CreateAliasRequest }
  readonly "milvus.proto.milvus.DropAliasRequest": { readonly input: DropAliasRequestInput; readonly output: DropAliasRequest }
  readonly "milvus.proto.milvus.AlterAliasRequest": { readonly input: AlterAliasRequestInput; readonly output: AlterAliasRequest }
  readonly "milvus.proto.milvus.DescribeAliasRequest": { readonly input: DescribeAliasRequestInput; readonly output: DescribeAliasRequest }
  readonly "milvus.proto.milvus.DescribeAliasResponse": { readonly input: DescribeAliasResponseInput; readonly output: DescribeAliasResponse }
  readonly "milvus.proto.milvus.ListAliasesRequest": { readonly input: ListAliasesRequestInput; readonly output: ListAliasesRequest }
  readonly "milvus.proto.milvus.ListAliasesResponse": { readonly input: ListAliasesResponseInput; readonly output: ListAliasesResponse }
  readonly "milvus.proto.milvus.CreateCollectionRequest": { readonly input: CreateCollectionRequestInput; readonly output: CreateCollectionRequest }
  readonly "milvus.proto.milvus.DropCollectionRequest": { readonly input: DropCollectionRequestInput; readonly output: DropCollectionRequest }
  readonly "milvus.proto.milvus.AlterCollectionRequest": { readonly input: AlterCollectionRequestInput; readonly output: AlterCollectionRequest }
  readonly "milvus.proto.milvus.AlterCollectionFieldRequest": { readonly input: AlterCollectionFieldRequestInput; readonly output: AlterCollectionFieldRequest }
  readonly "milvus.proto.milvus.HasCollectionRequest": { readonly input: HasCollectionRequestInput; readonly output: HasCollectionRequest }
  readonly "milvus.proto.milvus.BoolResponse": { readonly input: BoolResponseInput; readonly output: BoolResponse }
  readonly "milvus.proto.milvus.DescribeCollectionRequest": { readonly input: DescribeCollectionRequestInput; readonly output: DescribeCollectionRequest }
  readonly "milvus.proto.milvus.DescribeCollectionResponse": { readonly input: DescribeCollectionResponseInput; readonly output: DescribeCollectionResponse }
  readonly "milvus.proto.milvus.BatchDescribeCollectionRequest": { readonly input: BatchDescribeCollectionRequestInput; readonly output: BatchDescribeCollectionRequest }
  readonly "milvus.proto.milvus.BatchDescribeCollectionResponse": { readonly input: BatchDescribeCollectionResponseInput; readonly output: BatchDescribeCollectionResponse }
  readonly "milvus.proto.milvus.LoadCollectionRequest": { readonly input: LoadCollectionRequestInput; readonly output: LoadCollectionRequest }
  readonly "milvus.proto.milvus.ReleaseCollectionRequest": { readonly input: ReleaseCollectionRequestInput; readonly output: ReleaseCollectionRequest }
  readonly "milvus.proto.milvus.GetCollectionStatisticsRequest": { readonly input: GetCollectionStatisticsRequestInput; readonly output: GetCollectionStatisticsRequest }
  readonly "milvus.proto.milvus.GetCollectionStatisticsResponse": { readonly input: GetCollectionStatisticsResponseInput; readonly output: GetCollectionStatisticsResponse }
  readonly "milvus.proto.milvus.ShowCollectionsRequest": { readonly input: ShowCollectionsRequestInput; readonly output: ShowCollectionsRequest }
  readonly "milvus.proto.milvus.ShowCollectionsResponse": { readonly input: ShowCollectionsResponseInput; readonly output: ShowCollectionsResponse }
  readonly "milvus.proto.milvus.CreatePartitionRequest": { readonly input: CreatePartitionRequestInput; readonly output: CreatePartitionRequest }
  readonly "milvus.proto.milvus.DropPartitionRequest": { readonly input: DropPartitionRequestInput; readonly output: DropPartitionRequest }
  readonly "milvus.proto.milvus.HasPartitionRequest": { readonly input: HasPartitionRequestInput; readonly output: HasPartitionRequest }
  readonly "milvus.proto.milvus.LoadPartitionsRequest": { readonly input: LoadPartitionsRequestInput; readonly output: LoadPartitionsRequest }
  readonly "milvus.proto.milvus.PrewarmRequest": { readonly input: PrewarmRequestInput; readonly output: PrewarmRequest }
  readonly "milvus.proto.milvus.PrewarmResponse": { readonly input: PrewarmResponseInput; readonly output: PrewarmResponse }
  readonly "milvus.proto.milvus.DescribePrewarmTaskRequest": { readonly input: DescribePrewarmTaskRequestInput; readonly output: DescribePrewarmTaskRequest }
  readonly "milvus.proto.milvus.DescribePrewarmTaskResponse": { readonly input: DescribePrewarmTaskResponseInput; readonly output: DescribePrewarmTaskResponse }
  readonly "milvus.proto.milvus.ReleasePartitionsRequest": { readonly input: ReleasePartitionsRequestInput; readonly output: ReleasePartitionsRequest }
  readonly "milvus.proto.milvus.GetPartitionStatisticsRequest": { readonly input: GetPartitionStatisticsRequestInput; readonly output: GetPartitionStatisticsRequest }
  readonly "milvus.proto.milvus.GetPartitionStatisticsResponse": { readonly input: GetPartitionStatisticsResponseInput; readonly output: GetPartitionStatisticsResponse }
  readonly "milvus.proto.milvus.ShowPartitionsRequest": { readonly input: ShowPartitionsRequestInput; readonly output: ShowPartitionsRequest }
  readonly "milvus.proto.milvus.ShowPartitionsResponse": { readonly input: ShowPartitionsResponseInput; readonly output: ShowPartitionsResponse }
  readonly "milvus.proto.milvus.NamespaceStats": { readonly input: NamespaceStatsInput; readonly output: NamespaceStats }
  readonly "milvus.proto.milvus.NamespaceInfo": { readonly input: NamespaceInfoInput; readonly output: NamespaceInfo }
  readonly "milvus.proto.milvus.CreateNamespaceRequest": { readonly input: CreateNamespaceRequestInput; readonly output: CreateNamespaceRequest }
  readonly "milvus.proto.milvus.CreateNamespaceResponse": { readonly input: CreateNamespaceResponseInput; readonly output: CreateNamespaceResponse }
  readonly "milvus.proto.milvus.DescribeNamespaceRequest": { readonly input: DescribeNamespaceRequestInput; readonly output: DescribeNamespaceRequest }
  readonly "milvus.proto.milvus.DescribeNamespaceResponse": { readonly input: DescribeNamespaceResponseInput; readonly output: DescribeNamespaceResponse }
  readonly "milvus.proto.milvus.ListNamespacesRequest": { readonly input: ListNamespacesRequestInput; readonly output: ListNamespacesRequest }
  readonly "milvus.proto.milvus.ListNamespacesResponse": { readonly input: ListNamespacesResponseInput; readonly output: ListNamespacesResponse }
  readonly "milvus.proto.milvus.DropNamespaceRequest": { readonly input: DropNamespaceRequestInput; readonly output: DropNamespaceRequest }
  readonly "milvus.proto.milvus.DropNamespaceResponse": { readonly input: DropNamespaceResponseInput; readonly output: DropNamespaceResponse }
  readonly "milvus.proto.milvus.HasNamespaceRequest": { readonly input: HasNamespaceRequestInput; readonly output: HasNamespaceRequest }
  readonly "milvus.proto.milvus.HasNamespaceResponse": { readonly input: HasNamespaceResponseInput; readonly output: HasNamespaceResponse }
  readonly "milvus.proto.milvus.GetNamespaceStatsRequest": { readonly input: GetNamespaceStatsRequestInput; readonly output: GetNamespaceStatsRequest }
  readonly "milvus.proto.milvus.GetNamespaceStatsResponse": { readonly input: GetNamespaceStatsResponseInput; readonly output: GetNamespaceStatsResponse }
  readonly "milvus.proto.milvus.CreateIndexRequest": { readonly input: CreateIndexRequestInput; readonly output: CreateIndexRequest }
  readonly "milvus.proto.milvus.AlterIndexRequest": { readonly input: AlterIndexRequestInput; readonly output: AlterIndexRequest }
  readonly "milvus.proto.milvus.DescribeIndexRequest": { readonly input: DescribeIndexRequestInput; readonly output: DescribeIndexRequest }
  readonly "milvus.proto.milvus.IndexDescription": { readonly input: IndexDescriptionInput; readonly output: IndexDescription }
  readonly "milvus.proto.milvus.DescribeIndexResponse": { readonly input: DescribeIndexResponseInput; readonly output: DescribeIndexResponse }
  readonly "milvus.proto.milvus.GetIndexBuildProgressRequest": { readonly input: GetIndexBuildProgressRequestInput; readonly output: GetIndexBuildProgressRequest }
  readonly "milvus.proto.milvus.GetIndexBuildProgressResponse": { readonly input: GetIndexBuildProgressResponseInput; readonly output: GetIndexBuildProgressResponse }
  readonly "milvus.proto.milvus.GetIndexStateRequest": { readonly input: GetIndexStateRequestInput; readonly output: GetIndexStateRequest }
  readonly "milvus.proto.milvus.GetIndexStateResponse": { readonly input: GetIndexStateResponseInput; readonly output: GetIndexStateResponse }
  readonly "milvus.proto.milvus.DropIndexRequest": { readonly input: DropIndexRequestInput; readonly output: DropIndexRequest }
  readonly "milvus.proto.milvus.InsertRequest": { readonly input: InsertRequestInput; readonly output: InsertRequest }
  readonly "milvus.proto.milvus.AddCollectionFieldRequest": { readonly input: AddCollectionFieldRequestInput; readonly output: AddCollectionFieldRequest }
  readonly "milvus.proto.milvus.AddCollectionStructFieldRequest": { readonly input: AddCollectionStructFieldRequestInput; readonly output: AddCollectionStructFieldRequest }
  readonly "milvus.proto.milvus.AddCollectionFunctionRequest": { readonly input: AddCollectionFunctionRequestInput; readonly output: AddCollectionFunctionRequest }
  readonly "milvus.proto.milvus.AlterCollectionFunctionRequest": { readonly input: AlterCollectionFunctionRequestInput; readonly output: AlterCollectionFunctionRequest }
  readonly "milvus.proto.milvus.DropCollectionFunctionRequest": { readonly input: DropCollectionFunctionRequestInput; readonly output: DropCollectionFunctionRequest }
  readonly "milvus.proto.milvus.UpsertRequest": { readonly input: UpsertRequestInput; readonly output: UpsertRequest }
  readonly "milvus.proto.milvus.MutationResult": { readonly input: MutationResultInput; readonly output: MutationResult }
  readonly "milvus.proto.milvus.DeleteRequest": { readonly input: DeleteRequestInput; readonly output: DeleteRequest }
  readonly "milvus.proto.milvus.SubSearchRequest": { readonly input: SubSearchRequestInput; readonly output: SubSearchRequest }
  readonly "milvus.proto.milvus.SearchRequest": { readonly input: SearchRequestInput; readonly output: SearchRequest }
  readonly "milvus.proto.milvus.SearchResults": { readonly input: SearchResultsInput; readonly output: SearchResults }
  readonly "milvus.proto.milvus.HybridSearchRequest": { readonly input: HybridSearchRequestInput; readonly output: HybridSearchRequest }
  readonly "milvus.proto.milvus.FlushRequest": { readonly input: FlushRequestInput; readonly output: FlushRequest }
  readonly "milvus.proto.milvus.FlushResponse": { readonly input: FlushResponseInput; readonly output: FlushResponse }
  readonly "milvus.proto.milvus.QueryRequest": { readonly input: QueryRequestInput; readonly output: QueryRequest }
  readonly "milvus.proto.milvus.ElementIndices": { readonly input: ElementIndicesInput; readonly output: ElementIndices }
  readonly "milvus.proto.milvus.QueryResults": { readonly input: QueryResultsInput; readonly output: QueryResults }
  readonly "milvus.proto.milvus.VectorIDs": { readonly input: VectorIDsInput; readonly output: VectorIDs }
  readonly "milvus.proto.milvus.VectorsArray": { readonly input: VectorsArrayInput; readonly output: VectorsArray }
  readonly "milvus.proto.milvus.CalcDistanceRequest": { readonly input: CalcDistanceRequestInput; readonly output: CalcDistanceRequest }
  readonly "milvus.proto.milvus.CalcDistanceResults": { readonly input: CalcDistanceResultsInput; readonly output: CalcDistanceResults }
  readonly "milvus.proto.milvus.FlushAllTarget": { readonly input: FlushAllTargetInput; readonly output: FlushAllTarget }
  readonly "milvus.proto.milvus.FlushAllRequest": { readonly input: FlushAllRequestInput; readonly output: FlushAllRequest }
  readonly "milvus.proto.milvus.ClusterInfo": { readonly input: ClusterInfoInput; readonly output: ClusterInfo }
  readonly "milvus.proto.milvus.FlushAllResponse": { readonly input: FlushAllResponseInput; readonly output: FlushAllResponse }
  readonly "milvus.proto.milvus.FlushAllResult": { readonly input: FlushAllResultInput; readonly output: FlushAllResult }
  readonly "milvus.proto.milvus.FlushCollectionResult": { readonly input: FlushCollectionResultInput; readonly output: FlushCollectionResult }
  readonly "milvus.proto.milvus.PersistentSegmentInfo": { readonly input: PersistentSegmentInfoInput; readonly output: PersistentSegmentInfo }
  readonly "milvus.proto.milvus.GetPersistentSegmentInfoRequest": { readonly input: GetPersistentSegmentInfoRequestInput; readonly output: GetPersistentSegmentInfoRequest }
  readonly "milvus.proto.milvus.GetPersistentSegmentInfoResponse": { readonly input: GetPersistentSegmentInfoResponseInput; readonly output: GetPersistentSegmentInfoResponse }
  readonly "milvus.proto.milvus.QuerySegmentInfo": { readonly input: QuerySegmentInfoInput; readonly output: QuerySegmentInfo }
  readonly "milvus.proto.milvus.GetQuerySegmentInfoRequest": { readonly input: GetQuerySegmentInfoRequestInput; readonly output: GetQuerySegmentInfoRequest }
  readonly "milvus.proto.milvus.GetQuerySegmentInfoResponse": { readonly input: GetQuerySegmentInfoResponseInput; readonly output: GetQuerySegmentInfoResponse }
  readonly "milvus.proto.milvus.DummyRequest": { readonly input: DummyRequestInput; readonly output: DummyRequest }
  readonly "milvus.proto.milvus.DummyResponse": { readonly input: DummyResponseInput; readonly output: DummyResponse }
  readonly "milvus.proto.milvus.RegisterLinkRequest": { readonly input: RegisterLinkRequestInput; readonly output: RegisterLinkRequest }
  readonly "milvus.proto.milvus.RegisterLinkResponse": { readonly input: RegisterLinkResponseInput; readonly output: RegisterLinkResponse }
  readonly "milvus.proto.milvus.GetMetricsRequest": { readonly input: GetMetricsRequestInput; readonly output: GetMetricsRequest }
  readonly "milvus.proto.milvus.GetMetricsResponse": { readonly input: GetMetricsResponseInput; readonly output: GetMetricsResponse }
  readonly "milvus.proto.milvus.ComponentInfo": { readonly input: ComponentInfoInput; readonly output: ComponentInfo }
  readonly "milvus.proto.milvus.ComponentStates": { readonly input: ComponentStatesInput; readonly output: ComponentStates }
  readonly "milvus.proto.milvus.GetComponentStatesRequest": { readonly input: GetComponentStatesRequestInput; readonly output: GetComponentStatesRequest }
  readonly "milvus.proto.milvus.LoadBalanceRequest": { readonly input: LoadBalanceRequestInput; readonly output: LoadBalanceRequest }
  readonly "milvus.proto.milvus.ManualCompactionRequest": { readonly input: ManualCompactionRequestInput; readonly output: ManualCompactionRequest }
  readonly "milvus.proto.milvus.ManualCompactionResponse": { readonly input: ManualCompactionResponseInput; readonly output: ManualCompactionResponse }
  readonly "milvus.proto.milvus.GetCompactionStateRequest": { readonly input: GetCompactionStateRequestInput; readonly output: GetCompactionStateRequest }
  readonly "milvus.proto.milvus.GetCompactionStateResponse": { readonly input: GetCompactionStateResponseInput; readonly output: GetCompactionStateResponse }
  readonly "milvus.proto.milvus.GetCompactionPlansRequest": { readonly input: GetCompactionPlansRequestInput; readonly output: GetCompactionPlansRequest }
  readonly "milvus.proto.milvus.GetCompactionPlansResponse": { readonly input: GetCompactionPlansResponseInput; readonly output: GetCompactionPlansResponse }
  readonly "milvus.proto.milvus.CompactionMergeInfo": { readonly input: CompactionMergeInfoInput; readonly output: CompactionMergeInfo }
  readonly "milvus.proto.milvus.GetFlushStateRequest": { readonly input: GetFlushStateRequestInput; readonly output: GetFlushStateRequest }
  readonly "milvus.proto.milvus.GetFlushStateResponse": { readonly input: GetFlushStateResponseInput; readonly output: GetFlushStateResponse }
  readonly "milvus.proto.milvus.GetFlushAllStateRequest": { readonly input: GetFlushAllStateRequestInput; readonly output: GetFlushAllStateRequest }
  readonly "milvus.proto.milvus.GetFlushAllStateResponse": { readonly input: GetFlushAllStateResponseInput; readonly output: GetFlushAllStateResponse }
  readonly "milvus.proto.milvus.FlushAllState": { readonly input: FlushAllStateInput; readonly output: FlushAllState }
  readonly "milvus.proto.milvus.ImportRequest": { readonly input: ImportRequestInput; readonly output: ImportRequest }
  readonly "milvus.proto.milvus.ImportResponse": { readonly input: ImportResponseInput; readonly output: ImportResponse }
  readonly "milvus.proto.milvus.GetImportStateRequest": { readonly input: GetImportStateRequestInput; readonly output: GetImportStateRequest }
  readonly "milvus.proto.milvus.GetImportStateResponse": { readonly input: GetImportStateResponseInput; readonly output: GetImportStateResponse }
  readonly "milvus.proto.milvus.ListImportTasksRequest": { readonly input: ListImportTasksRequestInput; readonly output: ListImportTasksRequest }
  readonly "milvus.proto.milvus.ListImportTasksResponse": { readonly input: ListImportTasksResponseInput; readonly output: ListImportTasksResponse }
  readonly "milvus.proto.milvus.GetReplicasRequest": { readonly input: GetReplicasRequestInput; readonly output: GetReplicasRequest }
  readonly "milvus.proto.milvus.GetReplicasResponse": { readonly input: GetReplicasResponseInput; readonly output: GetReplicasResponse }
  readonly "milvus.proto.milvus.ReplicaInfo": { readonly input: ReplicaInfoInput; readonly output: ReplicaInfo }
  readonly "milvus.proto.milvus.ShardReplica": { readonly input: ShardReplicaInput; readonly output: ShardReplica }
  readonly "milvus.proto.milvus.CreateCredentialRequest": { readonly input: CreateCredentialRequestInput; readonly output: CreateCredentialRequest }
  readonly "milvus.proto.milvus.UpdateCredentialRequest": { readonly input: UpdateCredentialRequestInput; readonly output: UpdateCredentialRequest }
  readonly "milvus.proto.milvus.DeleteCredentialRequest": { readonly input: DeleteCredentialRequestInput; readonly output: DeleteCredentialRequest }
  readonly "milvus.proto.milvus.ListCredUsersResponse": { readonly input: ListCredUsersResponseInput; readonly output: ListCredUsersResponse }
  readonly "milvus.proto.milvus.ListCredUsersRequest": { readonly input: ListCredUsersRequestInput; readonly output: ListCredUsersRequest }
  readonly "milvus.proto.milvus.RoleEntity": { readonly input: RoleEntityInput; readonly output: RoleEntity }
  readonly "milvus.proto.milvus.UserEntity": { readonly input: UserEntityInput; readonly output: UserEntity }
  readonly "milvus.proto.milvus.CreateRoleRequest": { readonly input: CreateRoleRequestInput; readonly output: CreateRoleRequest }
  readonly "milvus.proto.milvus.AlterRoleRequest": { readonly input: AlterRoleRequestInput; readonly output: AlterRoleRequest }
  readonly "milvus.proto.milvus.DropRoleRequest": { readonly input: DropRoleRequestInput; readonly output: DropRoleRequest }
  readonly "milvus.proto.milvus.CreatePrivilegeGroupRequest": { readonly input: CreatePrivilegeGroupRequestInput; readonly output: CreatePrivilegeGroupRequest }
  readonly "milvus.proto.milvus.DropPrivilegeGroupRequest": { readonly input: DropPrivilegeGroupRequestInput; readonly output: DropPrivilegeGroupRequest }
  readonly "milvus.proto.milvus.ListPrivilegeGroupsRequest": { readonly input: ListPrivilegeGroupsRequestInput; readonly output: ListPrivilegeGroupsRequest }
  readonly "milvus.proto.milvus.ListPrivilegeGroupsResponse": { readonly input: ListPrivilegeGroupsResponseInput; readonly output: ListPrivilegeGroupsResponse }
  readonly "milvus.proto.milvus.OperatePrivilegeGroupRequest": { readonly input: OperatePrivilegeGroupRequestInput; readonly output: OperatePrivilegeGroupRequest }
  readonly "milvus.proto.milvus.OperateUserRoleRequest": { readonly input: OperateUserRoleRequestInput; readonly output: OperateUserRoleRequest }
  readonly "milvus.proto.milvus.PrivilegeGroupInfo": { readonly input: PrivilegeGroupInfoInput; readonly output: PrivilegeGroupInfo }
  readonly "milvus.proto.milvus.SelectRoleRequest": { readonly input: SelectRoleRequestInput; readonly output: SelectRoleRequest }
  readonly "milvus.proto.milvus.RoleResult": { readonly input: RoleResultInput; readonly output: RoleResult }
  readonly "milvus.proto.milvus.SelectRoleResponse": { readonly input: SelectRoleResponseInput; readonly output: SelectRoleResponse }
  readonly "milvus.proto.milvus.SelectUserRequest": { readonly input: SelectUserRequestInput; readonly output: SelectUserRequest }
  readonly "milvus.proto.milvus.UserResult": { readonly input: UserResultInput; readonly output: UserResult }
  readonly "milvus.proto.milvus.SelectUserResponse": { readonly input: SelectUserResponseInput; readonly output: SelectUserResponse }
  readonly "milvus.proto.milvus.ObjectEntity": { readonly input: ObjectEntityInput; readonly output: ObjectEntity }
  readonly "milvus.proto.milvus.PrivilegeEntity": { readonly input: PrivilegeEntityInput; readonly output: PrivilegeEntity }
  readonly "milvus.proto.milvus.GrantorEntity": { readonly input: GrantorEntityInput; readonly output: GrantorEntity }
  readonly "milvus.proto.milvus.GrantEntity": { readonly input: GrantEntityInput; readonly output: GrantEntity }
  readonly "milvus.proto.milvus.SelectGrantRequest": { readonly input: SelectGrantRequestInput; readonly output: SelectGrantRequest }
  readonly "milvus.proto.milvus.SelectGrantResponse": { readonly input: SelectGrantResponseInput; readonly output: SelectGrantResponse }
  readonly "milvus.proto.milvus.OperatePrivilegeRequest": { readonly input: OperatePrivilegeRequestInput; readonly output: OperatePrivilegeRequest }
  readonly "milvus.proto.milvus.OperatePrivilegeV2Request": { readonly input: OperatePrivilegeV2RequestInput; readonly output: OperatePrivilegeV2Request }
  readonly "milvus.proto.milvus.UserInfo": { readonly input: UserInfoInput; readonly output: UserInfo }
  readonly "milvus.proto.milvus.RBACMeta": { readonly input: RBACMetaInput; readonly output: RBACMeta }
  readonly "milvus.proto.milvus.BackupRBACMetaRequest": { readonly input: BackupRBACMetaRequestInput; readonly output: BackupRBACMetaRequest }
  readonly "milvus.proto.milvus.BackupRBACMetaResponse": { readonly input: BackupRBACMetaResponseInput; readonly output: BackupRBACMetaResponse }
  readonly "milvus.proto.milvus.RestoreRBACMetaRequest": { readonly input: RestoreRBACMetaRequestInput; readonly output: RestoreRBACMetaRequest }
  readonly "milvus.proto.milvus.GetLoadingProgressRequest": { readonly input: GetLoadingProgressRequestInput; readonly output: GetLoadingProgressRequest }
  readonly "milvus.proto.milvus.GetLoadingProgressResponse": { readonly input: GetLoadingProgressResponseInput; readonly output: GetLoadingProgressResponse }
  readonly "milvus.proto.milvus.GetLoadStateRequest": { readonly input: GetLoadStateRequestInput; readonly output: GetLoadStateRequest }
  readonly "milvus.proto.milvus.GetLoadStateResponse": { readonly input: GetLoadStateResponseInput; readonly output: GetLoadStateResponse }
  readonly "milvus.proto.milvus.GetVersionRequest": { readonly input: GetVersionRequestInput; readonly output: GetVersionRequest }
  readonly "milvus.proto.milvus.GetVersionResponse": { readonly input: GetVersionResponseInput; readonly output: GetVersionResponse }
  readonly "milvus.proto.milvus.CheckHealthRequest": { readonly input: CheckHealthRequestInput; readonly output: CheckHealthRequest }
  readonly "milvus.proto.milvus.CheckHealthResponse": { readonly input: CheckHealthResponseInput; readonly output: CheckHealthResponse }
  readonly "milvus.proto.milvus.CreateResourceGroupRequest": { readonly input: CreateResourceGroupRequestInput; readonly output: CreateResourceGroupRequest }
  readonly "milvus.proto.milvus.UpdateResourceGroupsRequest": { readonly input: UpdateResourceGroupsRequestInput; readonly output: UpdateResourceGroupsRequest }
  readonly "milvus.proto.milvus.DropResourceGroupRequest": { readonly input: DropResourceGroupRequestInput; readonly output: DropResourceGroupRequest }
  readonly "milvus.proto.milvus.TransferNodeRequest": { readonly input: TransferNodeRequestInput; readonly output: TransferNodeRequest }
  readonly "milvus.proto.milvus.TransferReplicaRequest": { readonly input: TransferReplicaRequestInput; readonly output: TransferReplicaRequest }
  readonly "milvus.proto.milvus.ListResourceGroupsRequest": { readonly input: ListResourceGroupsRequestInput; readonly output: ListResourceGroupsRequest }
  readonly "milvus.proto.milvus.ListResourceGroupsResponse": { readonly input: ListResourceGroupsResponseInput; readonly output: ListResourceGroupsResponse }
  readonly "milvus.proto.milvus.DescribeResourceGroupRequest": { readonly input: DescribeResourceGroupRequestInput; readonly output: DescribeResourceGroupRequest }
  readonly "milvus.proto.milvus.DescribeResourceGroupResponse": { readonly input: DescribeResourceGroupResponseInput; readonly output: DescribeResourceGroupResponse }
  readonly "milvus.proto.milvus.ResourceGroup": { readonly input: ResourceGroupInput; readonly output: ResourceGroup }
  readonly "milvus.proto.milvus.RenameCollectionRequest": { readonly input: RenameCollectionRequestInput; readonly output: RenameCollectionRequest }
  readonly "milvus.proto.milvus.GetIndexStatisticsRequest": { readonly input: GetIndexStatisticsRequestInput; readonly output: GetIndexStatisticsRequest }
  readonly "milvus.proto.milvus.GetIndexStatisticsResponse": { readonly input: GetIndexStatisticsResponseInput; readonly output: GetIndexStatisticsResponse }
  readonly "milvus.proto.milvus.ConnectRequest": { readonly input: ConnectRequestInput; readonly output: ConnectRequest }
  readonly "milvus.proto.milvus.ConnectResponse": { readonly input: ConnectResponseInput; readonly output: ConnectResponse }
  readonly "milvus.proto.milvus.AllocTimestampRequest": { readonly input: AllocTimestampRequestInput; readonly output: AllocTimestampRequest }
  readonly "milvus.proto.milvus.AllocTimestampResponse": { readonly input: AllocTimestampResponseInput; readonly output: AllocTimestampResponse }
  readonly "milvus.proto.milvus.CreateDatabaseRequest": { readonly input: CreateDatabaseRequestInput; readonly output: CreateDatabaseRequest }
  readonly "milvus.proto.milvus.DropDatabaseRequest": { readonly input: DropDatabaseRequestInput; readonly output: DropDatabaseRequest }
  readonly "milvus.proto.milvus.ListDatabasesRequest": { readonly input: ListDatabasesRequestInput; readonly output: ListDatabasesRequest }
  readonly "milvus.proto.milvus.ListDatabasesResponse": { readonly input: ListDatabasesResponseInput; readonly output: ListDatabasesResponse }
  readonly "milvus.proto.milvus.AlterDatabaseRequest": { readonly input: AlterDatabaseRequestInput; readonly output: AlterDatabaseRequest }
  readonly "milvus.proto.milvus.DescribeDatabaseRequest": { readonly input: DescribeDatabaseRequestInput; readonly output: DescribeDatabaseRequest }
  readonly "milvus.proto.milvus.DescribeDatabaseResponse": { readonly input: DescribeDatabaseResponseInput; readonly output: DescribeDatabaseResponse }
  readonly "milvus.proto.milvus.ReplicateMessageRequest": { readonly input: ReplicateMessageRequestInput; readonly output: ReplicateMessageRequest }
  readonly "milvus.proto.milvus.ReplicateMessageResponse": { readonly input: ReplicateMessageResponseInput; readonly output: ReplicateMessageResponse }
  readonly "milvus.proto.milvus.RunAnalyzerRequest": { readonly input: RunAnalyzerRequestInput; readonly output: RunAnalyzerRequest }
  readonly "milvus.proto.milvus.AnalyzerToken": { readonly input: AnalyzerTokenInput; readonly output: AnalyzerToken }
  readonly "milvus.proto.milvus.AnalyzerResult": { readonly input: AnalyzerResultInput; readonly output: AnalyzerResult }
  readonly "milvus.proto.milvus.RunAnalyzerResponse": { readonly input: RunAnalyzerResponseInput; readonly output: RunAnalyzerResponse }
  readonly "milvus.proto.milvus.FileResourceInfo": { readonly input: FileResourceInfoInput; readonly output: FileResourceInfo }
  readonly "milvus.proto.milvus.AddFileResourceRequest": { readonly input: AddFileResourceRequestInput; readonly output: AddFileResourceRequest }
  readonly "milvus.proto.milvus.RemoveFileResourceRequest": { readonly input: RemoveFileResourceRequestInput; readonly output: RemoveFileResourceRequest }
  readonly "milvus.proto.milvus.ListFileResourcesRequest": { readonly input: ListFileResourcesRequestInput; readonly output: ListFileResourcesRequest }
  readonly "milvus.proto.milvus.ListFileResourcesResponse": { readonly input: ListFileResourcesResponseInput; readonly output: ListFileResourcesResponse }
  readonly "milvus.proto.milvus.AddUserTagsRequest": { readonly input: AddUserTagsRequestInput; readonly output: AddUserTagsRequest }
  readonly "milvus.proto.milvus.DeleteUserTagsRequest": { readonly input: DeleteUserTagsRequestInput; readonly output: DeleteUserTagsRequest }
  readonly "milvus.proto.milvus.GetUserTagsRequest": { readonly input: GetUserTagsRequestInput; readonly output: GetUserTagsRequest }
  readonly "milvus.proto.milvus.GetUserTagsResponse": { readonly input: GetUserTagsResponseInput; readonly output: GetUserTagsResponse }
  readonly "milvus.proto.milvus.ListUsersWithTagRequest": { readonly input: ListUsersWithTagRequestInput; readonly output: ListUsersWithTagRequest }
  readonly "milvus.proto.milvus.ListUsersWithTagResponse": { readonly input: ListUsersWithTagResponseInput; readonly output: ListUsersWithTagResponse }
  readonly "milvus.proto.milvus.CreateRowPolicyRequest": { readonly input: CreateRowPolicyRequestInput; readonly output: CreateRowPolicyRequest }
  readonly "milvus.proto.milvus.DropRowPolicyRequest": { readonly input: DropRowPolicyRequestInput; readonly output: DropRowPolicyRequest }
  readonly "milvus.proto.milvus.UpdateRowPolicyRequest": { readonly input: UpdateRowPolicyRequestInput; readonly output: UpdateRowPolicyRequest }
  readonly "milvus.proto.milvus.ListRowPoliciesRequest": { readonly input: ListRowPoliciesRequestInput; readonly output: ListRowPoliciesRequest }
  readonly "milvus.proto.milvus.RowPolicy": { readonly input: RowPolicyInput; readonly output: RowPolicy }
  readonly "milvus.proto.milvus.ListRowPoliciesResponse": { readonly input: ListRowPoliciesResponseInput; readonly output: ListRowPoliciesResponse }
  readonly "milvus.proto.milvus.SetRLSPrincipalTagsRequest": { readonly input: SetRLSPrincipalTagsRequestInput; readonly output: SetRLSPrincipalTagsRequest }
  readonly "milvus.proto.milvus.GetRLSPrincipalTagsRequest": { readonly input: GetRLSPrincipalTagsRequestInput; readonly output: GetRLSPrincipalTagsRequest }
  readonly "milvus.proto.milvus.GetRLSPrincipalTagsResponse": { readonly input: GetRLSPrincipalTagsResponseInput; readonly output: GetRLSPrincipalTagsResponse }
  readonly "milvus.proto.milvus.ListRLSPrincipalsRequest": { readonly input: ListRLSPrincipalsRequestInput; readonly output: ListRLSPrincipalsRequest }
  readonly "milvus.proto.milvus.ListRLSPrincipalsResponse": { readonly input: ListRLSPrincipalsResponseInput; readonly output: ListRLSPrincipalsResponse }
  readonly "milvus.proto.milvus.DeleteRLSPrincipalTagsRequest": { readonly input: DeleteRLSPrincipalTagsRequestInput; readonly output: DeleteRLSPrincipalTagsRequest }
  readonly "milvus.proto.milvus.UpdateReplicateConfigurationRequest": { readonly input: UpdateReplicateConfigurationRequestInput; readonly output: UpdateReplicateConfigurationRequest }
  readonly "milvus.proto.milvus.GetReplicateConfigurationRequest": { readonly input: GetReplicateConfigurationRequestInput; readonly output: GetReplicateConfigurationRequest }
  readonly "milvus.proto.milvus.GetReplicateConfigurationResponse": { readonly input: GetReplicateConfigurationResponseInput; readonly output: GetReplicateConfigurationResponse }
  readonly "milvus.proto.milvus.GetReplicateInfoRequest": { readonly input: GetReplicateInfoRequestInput; readonly output: GetReplicateInfoRequest }
  readonly "milvus.proto.milvus.GetReplicateInfoResponse": { readonly input: GetReplicateInfoResponseInput; readonly output: GetReplicateInfoResponse }
  readonly "milvus.proto.milvus.ReplicateMessage": { readonly input: ReplicateMessageInput; readonly output: ReplicateMessage }
  readonly "milvus.proto.milvus.ReplicateRequest": { readonly input: ReplicateRequestInput; readonly output: ReplicateRequest }
  readonly "milvus.proto.milvus.ReplicateConfirmedMessageInfo": { readonly input: ReplicateConfirmedMessageInfoInput; readonly output: ReplicateConfirmedMessageInfo }
  readonly "milvus.proto.milvus.ReplicateResponse": { readonly input: ReplicateResponseInput; readonly output: ReplicateResponse }
  readonly "milvus.proto.milvus.DumpMessagesRequest": { readonly input: DumpMessagesRequestInput; readonly output: DumpMessagesRequest }
  readonly "milvus.proto.milvus.DumpMessagesResponse": { readonly input: DumpMessagesResponseInput; readonly output: DumpMessagesResponse }
  readonly "milvus.proto.milvus.TruncateCollectionRequest": { readonly input: TruncateCollectionRequestInput; readonly output: TruncateCollectionRequest }
  readonly "milvus.proto.milvus.TruncateCollectionResponse": { readonly input: TruncateCollectionResponseInput; readonly output: TruncateCollectionResponse }
  readonly "milvus.proto.milvus.ComputePhraseMatchSlopRequest": { readonly input: ComputePhraseMatchSlopRequestInput; readonly output: ComputePhraseMatchSlopRequest }
  readonly "milvus.proto.milvus.ComputePhraseMatchSlopResponse": { readonly input: ComputePhraseMatchSlopResponseInput; readonly output: ComputePhraseMatchSlopResponse }
  readonly "milvus.proto.milvus.CreateSnapshotRequest": { readonly input: CreateSnapshotRequestInput; readonly output: CreateSnapshotRequest }
  readonly "milvus.proto.milvus.DropSnapshotRequest": { readonly input: DropSnapshotRequestInput; readonly output: DropSnapshotRequest }
  readonly "milvus.proto.milvus.ListSnapshotsRequest": { readonly input: ListSnapshotsRequestInput; readonly output: ListSnapshotsRequest }
  readonly "milvus.proto.milvus.ListSnapshotsResponse": { readonly input: ListSnapshotsResponseInput; readonly output: ListSnapshotsResponse }
  readonly "milvus.proto.milvus.DescribeSnapshotRequest": { readonly input: DescribeSnapshotRequestInput; readonly output: DescribeSnapshotRequest }
  readonly "milvus.proto.milvus.DescribeSnapshotResponse": { readonly input: DescribeSnapshotResponseInput; readonly output: DescribeSnapshotResponse }
  readonly "milvus.proto.milvus.RestoreSnapshotRequest": { readonly input: RestoreSnapshotRequestInput; readonly output: RestoreSnapshotRequest }
  readonly "milvus.proto.milvus.RestoreSnapshotResponse": { readonly input: RestoreSnapshotResponseInput; readonly output: RestoreSnapshotResponse }
  readonly "milvus.proto.milvus.RestoreExternalSnapshotRequest": { readonly input: RestoreExternalSnapshotRequestInput; readonly output: RestoreExternalSnapshotRequest }
  readonly "milvus.proto.milvus.RestoreExternalSnapshotResponse": { readonly input: RestoreExternalSnapshotResponseInput; readonly output: RestoreExternalSnapshotResponse }
  readonly "milvus.proto.milvus.ExportSnapshotRequest": { readonly input: ExportSnapshotRequestInput; readonly output: ExportSnapshotRequest }
  readonly "milvus.proto.milvus.ExportSnapshotResponse": { readonly input: ExportSnapshotResponseInput; readonly output: ExportSnapshotResponse }
  readonly "milvus.proto.milvus.RestoreSnapshotInfo": { readonly input: RestoreSnapshotInfoInput; readonly output: RestoreSnapshotInfo }
  readonly "milvus.proto.milvus.GetRestoreSnapshotStateRequest": { readonly input: GetRestoreSnapshotStateRequestInput; readonly output: GetRestoreSnapshotStateRequest }
  readonly "milvus.proto.milvus.GetRestoreSnapshotStateResponse": { readonly input: GetRestoreSnapshotStateResponseInput; readonly output: GetRestoreSnapshotStateResponse }
  readonly "milvus.proto.milvus.ListRestoreSnapshotJobsRequest": { readonly input: ListRestoreSnapshotJobsRequestInput; readonly output: ListRestoreSnapshotJobsRequest }
  readonly "milvus.proto.milvus.ListRestoreSnapshotJobsResponse": { readonly input: ListRestoreSnapshotJobsResponseInput; readonly output: ListRestoreSnapshotJobsResponse }
  readonly "milvus.proto.milvus.PinSnapshotDataRequest": { readonly input: PinSnapshotDataRequestInput; readonly output: PinSnapshotDataRequest }
  readonly "milvus.proto.milvus.PinSnapshotDataResponse": { readonly input: PinSnapshotDataResponseInput; readonly output: PinSnapshotDataResponse }
  readonly "milvus.proto.milvus.UnpinSnapshotDataRequest": { readonly input: UnpinSnapshotDataRequestInput; readonly output: UnpinSnapshotDataRequest }
  readonly "milvus.proto.milvus.AlterCollectionSchemaRequest": { readonly input: AlterCollectionSchemaRequestInput; readonly output: AlterCollectionSchemaRequest }
  readonly "milvus.proto.milvus.AlterCollectionSchemaResponse": { readonly input: AlterCollectionSchemaResponseInput; readonly output: AlterCollectionSchemaResponse }
  readonly "milvus.proto.milvus.BatchUpdateManifestRequest": { readonly input: BatchUpdateManifestRequestInput; readonly output: BatchUpdateManifestRequest }
  readonly "milvus.proto.milvus.BatchUpdateManifestItem": { readonly input: BatchUpdateManifestItemInput; readonly output: BatchUpdateManifestItem }
  readonly "milvus.proto.milvus.RefreshExternalCollectionRequest": { readonly input: RefreshExternalCollectionRequestInput; readonly output: RefreshExternalCollectionRequest }
  readonly "milvus.proto.milvus.RefreshExternalCollectionResponse": { readonly input: RefreshExternalCollectionResponseInput; readonly output: RefreshExternalCollectionResponse }
  readonly "milvus.proto.milvus.GetRefreshExternalCollectionProgressRequest": { readonly input: GetRefreshExternalCollectionProgressRequestInput; readonly output: GetRefreshExternalCollectionProgressRequest }
  readonly "milvus.proto.milvus.RefreshExternalCollectionJobInfo": { readonly input: RefreshExternalCollectionJobInfoInput; readonly output: RefreshExternalCollectionJobInfo }
  readonly "milvus.proto.milvus.GetRefreshExternalCollectionProgressResponse": { readonly input: GetRefreshExternalCollectionProgressResponseInput; readonly output: GetRefreshExternalCollectionProgressResponse }
  readonly "milvus.proto.milvus.ListRefreshExternalCollectionJobsRequest": { readonly input: ListRefreshExternalCollectionJobsRequestInput; readonly output: ListRefreshExternalCollectionJobsRequest }
  readonly "milvus.proto.milvus.ListRefreshExternalCollectionJobsResponse": { readonly input: ListRefreshExternalCollectionJobsResponseInput; readonly output: ListRefreshExternalCollectionJobsResponse }
  readonly "milvus.proto.milvus.ExportSnapshotInfo": { readonly input: ExportSnapshotInfoInput; readonly output: ExportSnapshotInfo }
  readonly "milvus.proto.milvus.GetExportSnapshotStateRequest": { readonly input: GetExportSnapshotStateRequestInput; readonly output: GetExportSnapshotStateRequest }
  readonly "milvus.proto.milvus.GetExportSnapshotStateResponse": { readonly input: GetExportSnapshotStateResponseInput; readonly output: GetExportSnapshotStateResponse }
  readonly "milvus.proto.msg.MsgPosition": { readonly input: MsgPositionInput; readonly output: MsgPosition }
  readonly "milvus.proto.rg.ResourceGroupLimit": { readonly input: ResourceGroupLimitInput; readonly output: ResourceGroupLimit }
  readonly "milvus.proto.rg.ResourceGroupTransfer": { readonly input: ResourceGroupTransferInput; readonly output: ResourceGroupTransfer }
  readonly "milvus.proto.rg.ResourceGroupNodeFilter": { readonly input: ResourceGroupNodeFilterInput; readonly output: ResourceGroupNodeFilter }
  readonly "milvus.proto.rg.ResourceGroupConfig": { readonly input: ResourceGroupConfigInput; readonly output: ResourceGroupConfig }
  readonly "milvus.proto.schema.FieldSchema": { readonly input: FieldSchemaInput; readonly output: FieldSchema }
  readonly "milvus.proto.schema.FunctionSchema": { readonly input: FunctionSchemaInput; readonly output: FunctionSchema }
  readonly "milvus.proto.schema.FunctionScore": { readonly input: FunctionScoreInput; readonly output: FunctionScore }
  readonly "milvus.proto.schema.FunctionChain": { readonly input: FunctionChainInput; readonly output: FunctionChain }
  readonly "milvus.proto.schema.FunctionChainOp": { readonly input: FunctionChainOpInput; readonly output: FunctionChainOp }
  readonly "milvus.proto.schema.FunctionChainExpr": { readonly input: FunctionChainExprInput; readonly output: FunctionChainExpr }
  readonly "milvus.proto.schema.FunctionChainExprArg": { readonly input: FunctionChainExprArgInput; readonly output: FunctionChainExprArg }
  readonly "milvus.proto.schema.FunctionChainColumnArg": { readonly input: FunctionChainColumnArgInput; readonly output: FunctionChainColumnArg }
  readonly "milvus.proto.schema.FunctionParamValue": { readonly input: FunctionParamValueInput; readonly output: FunctionParamValue }
  readonly "milvus.proto.schema.FunctionParamArray": { readonly input: FunctionParamArrayInput; readonly output: FunctionParamArray }
  readonly "milvus.proto.schema.FunctionParamObject": { readonly input: FunctionParamObjectInput; readonly output: FunctionParamObject }
  readonly "milvus.proto.schema.CollectionSchema": { readonly input: CollectionSchemaInput; readonly output: CollectionSchema }
  readonly "milvus.proto.schema.StructArrayFieldSchema": { readonly input: StructArrayFieldSchemaInput; readonly output: StructArrayFieldSchema }
  readonly "milvus.proto.schema.BoolArray": { readonly input: BoolArrayInput; readonly output: BoolArray }
  readonly "milvus.proto.schema.IntArray": { readonly input: IntArrayInput; readonly output: IntArray }
  readonly "milvus.proto.schema.LongArray": { readonly input: LongArrayInput; readonly output: LongArray }
  readonly "milvus.proto.schema.FloatArray": { readonly input: FloatArrayInput; readonly output: FloatArray }
  readonly "milvus.proto.schema.DoubleArray": { readonly input: DoubleArrayInput; readonly output: DoubleArray }
  readonly "milvus.proto.schema.BytesArray": { readonly input: BytesArrayInput; readonly output: BytesArray }
  readonly "milvus.proto.schema.StringArray": { readonly input: StringArrayInput; readonly output: StringArray }
  readonly "milvus.proto.schema.UUIDArray": { readonly input: UUIDArrayInput; readonly output: UUIDArray }
  readonly "milvus.proto.schema.ArrayArray": { readonly input: ArrayArrayInput; readonly output: ArrayArray }
  readonly "milvus.proto.schema.JSONArray": { readonly input: JSONArrayInput; readonly output: JSONArray }
  readonly "milvus.proto.schema.GeometryArray": { readonly input: GeometryArrayInput; readonly output: GeometryArray }
  readonly "milvus.proto.schema.TimestamptzArray": { readonly input: TimestamptzArrayInput; readonly output: TimestamptzArray }
  readonly "milvus.proto.schema.DateArray": { readonly input: DateArrayInput; readonly output: DateArray }
  readonly "milvus.proto.schema.TimeArray": { readonly input: TimeArrayInput; readonly output: TimeArray }
  readonly "milvus.proto.schema.GeometryWktArray": { readonly input: GeometryWktArrayInput; readonly output: GeometryWktArray }
  readonly "milvus.proto.schema.MolArray": { readonly input: MolArrayInput; readonly output: MolArray }
  readonly "milvus.proto.schema.MolSmilesArray": { readonly input: MolSmilesArrayInput; readonly output: MolSmilesArray }
  readonly "milvus.proto.schema.ValueField": { readonly input: ValueFieldInput; readonly output: ValueField }
  readonly "milvus.proto.schema.ScalarField": { readonly input: ScalarFieldInput; readonly output: ScalarField }
  readonly "milvus.proto.schema.SparseFloatArray": { readonly input: SparseFloatArrayInput; readonly output: SparseFloatArray }
  readonly "milvus.proto.schema.VectorField": { readonly input: VectorFieldInput; readonly output: VectorField }
  readonly "milvus.proto.schema.VectorArray": { readonly input: VectorArrayInput; readonly output: VectorArray }
  readonly "milvus.proto.schema.StructArrayField": { readonly input: StructArrayFieldInput; readonly output: StructArrayField }
  readonly "milvus.proto.schema.FieldPartialUpdateOp": { readonly input: FieldPartialUpdateOpInput; readonly output: FieldPartialUpdateOp }
  readonly "milvus.proto.schema.FieldData": { readonly input: FieldDataInput; readonly output: FieldData }
  readonly "milvus.proto.schema.IDs": { readonly input: IDsInput; readonly output: IDs }
  readonly "milvus.proto.schema.SearchIteratorV2Results": { readonly input: SearchIteratorV2ResultsInput; readonly output: SearchIteratorV2Results }
  readonly "milvus.proto.schema.SearchResultData": { readonly input: SearchResultDataInput; readonly output: SearchResultData }
  readonly "milvus.proto.schema.AggBucket": { readonly input: AggBucketInput; readonly output: AggBucket }
  readonly "milvus.proto.schema.MetricValue": { readonly input: MetricValueInput; readonly output: MetricValue }
  readonly "milvus.proto.schema.BucketKeyEntry": { readonly input: BucketKeyEntryInput; readonly output: BucketKeyEntry }
  readonly "milvus.proto.schema.AggHit": { readonly input: AggHitInput; readonly output: AggHit }
  readonly "milvus.proto.schema.AggHitField": { readonly input: AggHitFieldInput; readonly output: AggHitField }
  readonly "milvus.proto.schema.VectorClusteringInfo": { readonly input: VectorClusteringInfoInput; readonly output: VectorClusteringInfo }
  readonly "milvus.proto.schema.ScalarClusteringInfo": { readonly input: ScalarClusteringInfoInput; readonly output: ScalarClusteringInfo }
  readonly "milvus.proto.schema.ClusteringInfo": { readonly input: ClusteringInfoInput; readonly output: ClusteringInfo }
  readonly "milvus.proto.schema.TemplateValue": { readonly input: TemplateValueInput; readonly output: TemplateValue }
  readonly "milvus.proto.schema.TemplateArrayValue": { readonly input: TemplateArrayValueInput; readonly output: TemplateArrayValue }
  readonly "milvus.proto.schema.TemplateArrayValueArray": { readonly input: TemplateArrayValueArrayInput; readonly output: TemplateArrayValueArray }
  readonly "milvus.proto.schema.TypeSchema": { readonly input: TypeSchemaInput; readonly output: TypeSchema }
  readonly "milvus.proto.schema.CollectionShardInfo": { readonly input: CollectionShardInfoInput; readonly output: CollectionShardInfo }
  readonly "milvus.proto.schema.HashRouting": { readonly input: HashRoutingInput; readonly output: HashRouting }
}

/** `milvus.proto.common.Status` as read. */
export type Status = {
  /** @deprecated */
  readonly error_code: ErrorCode
  readonly reason: string
  readonly code: number
  readonly retriable: boolean
  readonly detail: string
  readonly extra_info: { readonly [key: string]: string }
}
/** `milvus.proto.common.Status` as written. */
export type StatusInput = {
  /** @deprecated */
  readonly error_code?: ErrorCode | undefined
  readonly reason?: string | undefined
  readonly code?: number | undefined
  readonly retriable?: boolean | undefined
  readonly detail?: string | undefined
  readonly extra_info?: { readonly [key: string]: string } | undefined
}

/** `milvus.proto.common.KeyValuePair` as read. */
export type KeyValuePair = {
  readonly key: string
  readonly value: string
}
/** `milvus.proto.common.KeyValuePair` as written. */
export type KeyValuePairInput = {
  readonly key?: string | undefined
  readonly value?: string | undefined
}

/** `milvus.proto.common.KeyDataPair` as read. */
export type KeyDataPair = {
  readonly key: string
  readonly data: Uint8Array
}
/** `milvus.proto.common.KeyDataPair` as written. */
export type KeyDataPairInput = {
  readonly key?: string | undefined
  readonly data?: Uint8Array | undefined
}

/** `milvus.proto.common.Blob` as read. */
export type Blob = {
  readonly value: Uint8Array
}
/** `milvus.proto.common.Blob` as written. */
export type BlobInput = {
  readonly value?: Uint8Array | undefined
}

/** `milvus.proto.common.PlaceholderValue` as read. */
export type PlaceholderValue = {
  readonly tag: string
  readonly type: PlaceholderType
  readonly values: ReadonlyArray<Uint8Array>
  readonly element_level: boolean
}
/** `milvus.proto.common.PlaceholderValue` as written. */
export type PlaceholderValueInput = {
  readonly tag?: string | undefined
  readonly type?: PlaceholderType | undefined
  readonly values?: ReadonlyArray<Uint8Array> | undefined
  readonly element_level?: boolean | undefined
}

/** `milvus.proto.common.PlaceholderGroup` as read. */
export type PlaceholderGroup = {
  readonly placeholders: ReadonlyArray<PlaceholderValue>
}
/** `milvus.proto.common.PlaceholderGroup` as written. */
export type PlaceholderGroupInput = {
  readonly placeholders?: ReadonlyArray<PlaceholderValueInput> | undefined
}

/** `milvus.proto.common.Address` as read. */
export type Address = {
  readonly ip: string
  readonly port: bigint
}
/** `milvus.proto.common.Address` as written. */
export type AddressInput = {
  readonly ip?: string | undefined
  readonly port?: number | bigint | undefined
}

/** `milvus.proto.common.MsgBase` as read. */
export type MsgBase = {
  readonly msg_type: MsgType
  readonly msgID: bigint
  readonly timestamp: bigint
  readonly sourceID: bigint
  readonly targetID: bigint
  readonly properties: { readonly [key: string]: string }
  /** @deprecated */
  readonly replicateInfo: ReplicateInfo | null
}
/** `milvus.proto.common.MsgBase` as written. */
export type MsgBaseInput = {
  readonly msg_type?: MsgType | undefined
  readonly msgID?: number | bigint | undefined
  readonly timestamp?: number | bigint | undefined
  readonly sourceID?: number | bigint | undefined
  readonly targetID?: number | bigint | undefined
  readonly properties?: { readonly [key: string]: string } | undefined
  /** @deprecated */
  readonly replicateInfo?: ReplicateInfoInput | null | undefined
}

/** `milvus.proto.common.ReplicateInfo` as read. @deprecated */
export type ReplicateInfo = {
  readonly isReplicate: boolean
  readonly msgTimestamp: bigint
  readonly replicateID: string
}
/** `milvus.proto.common.ReplicateInfo` as written. @deprecated */
export type ReplicateInfoInput = {
  readonly isReplicate?: boolean | undefined
  readonly msgTimestamp?: number | bigint | undefined
  readonly replicateID?: string | undefined
}

/** `milvus.proto.common.MsgHeader` as read. */
export type MsgHeader = {
  readonly base: MsgBase | null
}
/** `milvus.proto.common.MsgHeader` as written. */
export type MsgHeaderInput = {
  readonly base?: MsgBaseInput | null | undefined
}

/** `milvus.proto.common.DMLMsgHeader` as read. */
export type DMLMsgHeader = {
  readonly base: MsgBase | null
  readonly shardName: string
}
/** `milvus.proto.common.DMLMsgHeader` as written. */
export type DMLMsgHeaderInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly shardName?: string | undefined
}

/** `milvus.proto.common.PrivilegeExt` as read. */
export type PrivilegeExt = {
  readonly object_type: ObjectType
  readonly object_privilege: ObjectPrivilege
  readonly object_name_index: number
  readonly object_name_indexs: number
}
/** `milvus.proto.common.PrivilegeExt` as written. */
export type PrivilegeExtInput = {
  readonly object_type?: ObjectType | undefined
  readonly object_privilege?: ObjectPrivilege | undefined
  readonly object_name_index?: number | undefined
  readonly object_name_indexs?: number | undefined
}

/** `milvus.proto.common.SegmentStats` as read. */
export type SegmentStats = {
  readonly SegmentID: bigint
  readonly NumRows: bigint
}
/** `milvus.proto.common.SegmentStats` as written. */
export type SegmentStatsInput = {
  readonly SegmentID?: number | bigint | undefined
  readonly NumRows?: number | bigint | undefined
}

/** `milvus.proto.common.ClientInfo` as read. */
export type ClientInfo = {
  readonly sdk_type: string
  readonly sdk_version: string
  readonly local_time: string
  readonly user: string
  readonly host: string
  readonly reserved: { readonly [key: string]: string }
}
/** `milvus.proto.common.ClientInfo` as written. */
export type ClientInfoInput = {
  readonly sdk_type?: string | undefined
  readonly sdk_version?: string | undefined
  readonly local_time?: string | undefined
  readonly user?: string | undefined
  readonly host?: string | undefined
  readonly reserved?: { readonly [key: string]: string } | undefined
}

/** `milvus.proto.common.Metrics` as read. */
export type Metrics = {
  readonly request_count: bigint
  readonly success_count: bigint
  readonly error_count: bigint
  readonly avg_latency_ms: number
  readonly p99_latency_ms: number
  readonly max_latency_ms: number
}
/** `milvus.proto.common.Metrics` as written. */
export type MetricsInput = {
  readonly request_count?: number | bigint | undefined
  readonly success_count?: number | bigint | undefined
  readonly error_count?: number | bigint | undefined
  readonly avg_latency_ms?: number | undefined
  readonly p99_latency_ms?: number | undefined
  readonly max_latency_ms?: number | undefined
}

/** `milvus.proto.common.OperationMetrics` as read. */
export type OperationMetrics = {
  readonly operation: string
  readonly global: Metrics | null
  readonly collection_metrics: { readonly [key: string]: Metrics }
}
/** `milvus.proto.common.OperationMetrics` as written. */
export type OperationMetricsInput = {
  readonly operation?: string | undefined
  readonly global?: MetricsInput | null | undefined
  readonly collection_metrics?: { readonly [key: string]: MetricsInput } | undefined
}

/** `milvus.proto.common.ClientCommand` as read. */
export type ClientCommand = {
  readonly command_id: string
  readonly command_type: string
  readonly payload: Uint8Array
  readonly create_time: bigint
  readonly persistent: boolean
  readonly target_scope: string
}
/** `milvus.proto.common.ClientCommand` as written. */
export type ClientCommandInput = {
  readonly command_id?: string | undefined
  readonly command_type?: string | undefined
  readonly payload?: Uint8Array | undefined
  readonly create_time?: number | bigint | undefined
  readonly persistent?: boolean | undefined
  readonly target_scope?: string | undefined
}

/** `milvus.proto.common.CommandReply` as read. */
export type CommandReply = {
  readonly command_id: string
  readonly success: boolean
  readonly error_message: string
  readonly payload: Uint8Array
}
/** `milvus.proto.common.CommandReply` as written. */
export type CommandReplyInput = {
  readonly command_id?: string | undefined
  readonly success?: boolean | undefined
  readonly error_message?: string | undefined
  readonly payload?: Uint8Array | undefined
}

/** `milvus.proto.common.ServerInfo` as read. */
export type ServerInfo = {
  readonly build_tags: string
  readonly build_time: string
  readonly git_commit: string
  readonly go_version: string
  readonly deploy_mode: string
  readonly reserved: { readonly [key: string]: string }
}
/** `milvus.proto.common.ServerInfo` as written. */
export type ServerInfoInput = {
  readonly build_tags?: string | undefined
  readonly build_time?: string | undefined
  readonly git_commit?: string | undefined
  readonly go_version?: string | undefined
  readonly deploy_mode?: string | undefined
  readonly reserved?: { readonly [key: string]: string } | undefined
}

/** `milvus.proto.common.NodeInfo` as read. */
export type NodeInfo = {
  readonly node_id: bigint
  readonly address: string
  readonly hostname: string
}
/** `milvus.proto.common.NodeInfo` as written. */
export type NodeInfoInput = {
  readonly node_id?: number | bigint | undefined
  readonly address?: string | undefined
  readonly hostname?: string | undefined
}

/** `milvus.proto.common.ReplicateConfiguration` as read. */
export type ReplicateConfiguration = {
  readonly clusters: ReadonlyArray<MilvusCluster>
  readonly cross_cluster_topology: ReadonlyArray<CrossClusterTopology>
}
/** `milvus.proto.common.ReplicateConfiguration` as written. */
export type ReplicateConfigurationInput = {
  readonly clusters?: ReadonlyArray<MilvusClusterInput> | undefined
  readonly cross_cluster_topology?: ReadonlyArray<CrossClusterTopologyInput> | undefined
}

/** `milvus.proto.common.ConnectionParam` as read. */
export type ConnectionParam = {
  readonly uri: string
  readonly token: string
}
/** `milvus.proto.common.ConnectionParam` as written. */
export type ConnectionParamInput = {
  readonly uri?: string | undefined
  readonly token?: string | undefined
}

/** `milvus.proto.common.MilvusCluster` as read. */
export type MilvusCluster = {
  readonly cluster_id: string
  readonly connection_param: ConnectionParam | null
  readonly pchannels: ReadonlyArray<string>
}
/** `milvus.proto.common.MilvusCluster` as written. */
export type MilvusClusterInput = {
  readonly cluster_id?: string | undefined
  readonly connection_param?: ConnectionParamInput | null | undefined
  readonly pchannels?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.common.CrossClusterTopology` as read. */
export type CrossClusterTopology = {
  readonly source_cluster_id: string
  readonly target_cluster_id: string
}
/** `milvus.proto.common.CrossClusterTopology` as written. */
export type CrossClusterTopologyInput = {
  readonly source_cluster_id?: string | undefined
  readonly target_cluster_id?: string | undefined
}

/** `milvus.proto.common.MessageID` as read. */
export type MessageID = {
  readonly id: string
  readonly WAL_name: WALName
}
/** `milvus.proto.common.MessageID` as written. */
export type MessageIDInput = {
  readonly id?: string | undefined
  readonly WAL_name?: WALName | undefined
}

/** `milvus.proto.common.ImmutableMessage` as read. */
export type ImmutableMessage = {
  readonly id: MessageID | null
  readonly payload: Uint8Array
  readonly properties: { readonly [key: string]: string }
}
/** `milvus.proto.common.ImmutableMessage` as written. */
export type ImmutableMessageInput = {
  readonly id?: MessageIDInput | null | undefined
  readonly payload?: Uint8Array | undefined
  readonly properties?: { readonly [key: string]: string } | undefined
}

/** `milvus.proto.common.ReplicateCheckpoint` as read. */
export type ReplicateCheckpoint = {
  readonly cluster_id: string
  readonly pchannel: string
  readonly message_id: MessageID | null
  readonly time_tick: bigint
}
/** `milvus.proto.common.ReplicateCheckpoint` as written. */
export type ReplicateCheckpointInput = {
  readonly cluster_id?: string | undefined
  readonly pchannel?: string | undefined
  readonly message_id?: MessageIDInput | null | undefined
  readonly time_tick?: number | bigint | undefined
}

/** `milvus.proto.common.HighlightData` as read. */
export type HighlightData = {
  readonly fragments: ReadonlyArray<string>
  readonly scores: ReadonlyArray<number>
}
/** `milvus.proto.common.HighlightData` as written. */
export type HighlightDataInput = {
  readonly fragments?: ReadonlyArray<string> | undefined
  readonly scores?: ReadonlyArray<number> | undefined
}

/** `milvus.proto.common.HighlightResult` as read. */
export type HighlightResult = {
  readonly field_name: string
  readonly datas: ReadonlyArray<HighlightData>
}
/** `milvus.proto.common.HighlightResult` as written. */
export type HighlightResultInput = {
  readonly field_name?: string | undefined
  readonly datas?: ReadonlyArray<HighlightDataInput> | undefined
}

/** `milvus.proto.common.Highlighter` as read. */
export type Highlighter = {
  readonly type: HighlightType
  readonly params: ReadonlyArray<KeyValuePair>
}
/** `milvus.proto.common.Highlighter` as written. */
export type HighlighterInput = {
  readonly type?: HighlightType | undefined
  readonly params?: ReadonlyArray<KeyValuePairInput> | undefined
}

/** `milvus.proto.common.MetricAggSpec` as read. */
export type MetricAggSpec = {
  readonly op: string
  readonly field_name: string
}
/** `milvus.proto.common.MetricAggSpec` as written. */
export type MetricAggSpecInput = {
  readonly op?: string | undefined
  readonly field_name?: string | undefined
}

/** `milvus.proto.common.SortSpec` as read. */
export type SortSpec = {
  readonly field_name: string
  readonly direction: string
  readonly null_first: boolean
}
/** `milvus.proto.common.SortSpec` as written. */
export type SortSpecInput = {
  readonly field_name?: string | undefined
  readonly direction?: string | undefined
  readonly null_first?: boolean | undefined
}

/** `milvus.proto.common.TopHitsSpec` as read. */
export type TopHitsSpec = {
  readonly size: bigint
  readonly sort: ReadonlyArray<SortSpec>
}
/** `milvus.proto.common.TopHitsSpec` as written. */
export type TopHitsSpecInput = {
  readonly size?: number | bigint | undefined
  readonly sort?: ReadonlyArray<SortSpecInput> | undefined
}

/** `milvus.proto.common.OrderSpec` as read. */
export type OrderSpec = {
  readonly key: string
  readonly direction: string
  readonly null_first: boolean
}
/** `milvus.proto.common.OrderSpec` as written. */
export type OrderSpecInput = {
  readonly key?: string | undefined
  readonly direction?: string | undefined
  readonly null_first?: boolean | undefined
}

/** `milvus.proto.common.SearchAggregationSpec` as read. */
export type SearchAggregationSpec = {
  readonly fields: ReadonlyArray<string>
  readonly size: bigint
  readonly metrics: { readonly [key: string]: MetricAggSpec }
  readonly order: ReadonlyArray<OrderSpec>
  readonly top_hits: TopHitsSpec | null
  readonly sub_aggregation: SearchAggregationSpec | null
  readonly search_size: bigint
}
/** `milvus.proto.common.SearchAggregationSpec` as written. */
export type SearchAggregationSpecInput = {
  readonly fields?: ReadonlyArray<string> | undefined
  readonly size?: number | bigint | undefined
  readonly metrics?: { readonly [key: string]: MetricAggSpecInput } | undefined
  readonly order?: ReadonlyArray<OrderSpecInput> | undefined
  readonly top_hits?: TopHitsSpecInput | null | undefined
  readonly sub_aggregation?: SearchAggregationSpecInput | null | undefined
  readonly search_size?: number | bigint | undefined
}

/** `milvus.proto.common.IDRange` as read. */
export type IDRange = {
  readonly begin: bigint
  readonly end: bigint
}
/** `milvus.proto.common.IDRange` as written. */
export type IDRangeInput = {
  readonly begin?: number | bigint | undefined
  readonly end?: number | bigint | undefined
}

/** A value of `milvus.proto.common.ErrorCode`: its name, or a number that has none here. */
export type ErrorCode =
  | "Success"
  | "UnexpectedError"
  | "ConnectFailed"
  | "PermissionDenied"
  | "CollectionNotExists"
  | "IllegalArgument"
  | "IllegalDimension"
  | "IllegalIndexType"
  | "IllegalCollectionName"
  | "IllegalTOPK"
  | "IllegalRowRecord"
  | "IllegalVectorID"
  | "IllegalSearchResult"
  | "FileNotFound"
  | "MetaFailed"
  | "CacheFailed"
  | "CannotCreateFolder"
  | "CannotCreateFile"
  | "CannotDeleteFolder"
  | "CannotDeleteFile"
  | "BuildIndexError"
  | "IllegalNLIST"
  | "IllegalMetricType"
  | "OutOfMemory"
  | "IndexNotExist"
  | "EmptyCollection"
  | "UpdateImportTaskFailure"
  | "CollectionNameNotFound"
  | "CreateCredentialFailure"
  | "UpdateCredentialFailure"
  | "DeleteCredentialFailure"
  | "GetCredentialFailure"
  | "ListCredUsersFailure"
  | "GetUserFailure"
  | "CreateRoleFailure"
  | "DropRoleFailure"
  | "OperateUserRoleFailure"
  | "SelectRoleFailure"
  | "SelectUserFailure"
  | "SelectResourceFailure"
  | "OperatePrivilegeFailure"
  | "SelectGrantFailure"
  | "RefreshPolicyInfoCacheFailure"
  | "ListPolicyFailure"
  | "NotShardLeader"
  | "NoReplicaAvailable"
  | "SegmentNotFound"
  | "ForceDeny"
  | "RateLimit"
  | "NodeIDNotMatch"
  | "UpsertAutoIDTrue"
  | "InsufficientMemoryToLoad"
  | "MemoryQuotaExhausted"
  | "DiskQuotaExhausted"
  | "TimeTickLongDelay"
  | "NotReadyServe"
  | "NotReadyCoordActivating"
  | "CreatePrivilegeGroupFailure"
  | "DropPrivilegeGroupFailure"
  | "ListPrivilegeGroupsFailure"
  | "OperatePrivilegeGroupFailure"
  | "SchemaMismatch"
  | "DataCoordNA"
  | "DDRequestRace"
  | number

/** A value of `milvus.proto.common.IndexState`: its name, or a number that has none here. */
export type IndexState =
  | "IndexStateNone"
  | "Unissued"
  | "InProgress"
  | "Finished"
  | "Failed"
  | "Retry"
  | number

/** A value of `milvus.proto.common.SegmentState`: its name, or a number that has none here. */
export type SegmentState =
  | "SegmentStateNone"
  | "NotExist"
  | "Growing"
  | "Sealed"
  | "Flushed"
  | "Flushing"
  | "Dropped"
  | "Importing"
  | number

/** A value of `milvus.proto.common.SegmentLevel`: its name, or a number that has none here. */
export type SegmentLevel =
  | "Legacy"
  | "L0"
  | "L1"
  | "L2"
  | number

/** A value of `milvus.proto.common.PlaceholderType`: its name, or a number that has none here. */
export type PlaceholderType =
  | "None"
  | "BinaryVector"
  | "FloatVector"
  | "Float16Vector"
  | "BFloat16Vector"
  | "SparseFloatVector"
  | "Int8Vector"
  | "Int64"
  | "VarChar"
  | "EmbListBinaryVector"
  | "EmbListFloatVector"
  | "EmbListFloat16Vector"
  | "EmbListBFloat16Vector"
  | "EmbListSparseFloatVector"
  | "EmbListInt8Vector"
  | number

/** A value of `milvus.proto.common.MsgType`: its name, or a number that has none here. */
export type MsgType =
  | "Undefined"
  | "CreateCollection"
  | "DropCollection"
  | "HasCollection"
  | "DescribeCollection"
  | "ShowCollections"
  | "GetSystemConfigs"
  | "LoadCollection"
  | "ReleaseCollection"
  | "CreateAlias"
  | "DropAlias"
  | "AlterAlias"
  | "AlterCollection"
  | "RenameCollection"
  | "DescribeAlias"
  | "ListAliases"
  | "AlterCollectionField"
  | "AddCollectionFunction"
  | "AlterCollectionFunction"
  | "DropCollectionFunction"
  | "TruncateCollection"
  | "SplitShard"
  | "CreatePartition"
  | "DropPartition"
  | "HasPartition"
  | "DescribePartition"
  | "ShowPartitions"
  | "LoadPartitions"
  | "ReleasePartitions"
  | "ShowSegments"
  | "DescribeSegment"
  | "LoadSegments"
  | "ReleaseSegments"
  | "HandoffSegments"
  | "LoadBalanceSegments"
  | "DescribeSegments"
  | "FederListIndexedSegment"
  | "FederDescribeSegmentIndexData"
  | "CreateIndex"
  | "DescribeIndex"
  | "DropIndex"
  | "GetIndexStatistics"
  | "AlterIndex"
  | "Insert"
  | "Delete"
  | "Flush"
  | "ResendSegmentStats"
  | "Upsert"
  | "ManualFlush"
  | "FlushSegment"
  | "CreateSegment"
  | "Import"
  | "FlushAll"
  | "Search"
  | "SearchResult"
  | "GetIndexState"
  | "GetIndexBuildProgress"
  | "GetCollectionStatistics"
  | "GetPartitionStatistics"
  | "Retrieve"
  | "RetrieveResult"
  | "WatchDmChannels"
  | "RemoveDmChannels"
  | "WatchQueryChannels"
  | "RemoveQueryChannels"
  | "SealedSegmentsChangeInfo"
  | "WatchDeltaChannels"
  | "GetShardLeaders"
  | "GetReplicas"
  | "UnsubDmChannel"
  | "GetDistribution"
  | "SyncDistribution"
  | "RunAnalyzer"
  | "SegmentInfo"
  | "SystemInfo"
  | "GetRecoveryInfo"
  | "GetSegmentState"
  | "TimeTick"
  | "QueryNodeStats"
  | "LoadIndex"
  | "RequestID"
  | "RequestTSO"
  | "AllocateSegment"
  | "SegmentStatistics"
  | "SegmentFlushDone"
  | "DataNodeTt"
  | "Connect"
  | "ListClientInfos"
  | "AllocTimestamp"
  | "Replicate"
  | "CreateCredential"
  | "GetCredential"
  | "DeleteCredential"
  | "UpdateCredential"
  | "ListCredUsernames"
  | "CreateRole"
  | "DropRole"
  | "OperateUserRole"
  | "SelectRole"
  | "SelectUser"
  | "SelectResource"
  | "OperatePrivilege"
  | "SelectGrant"
  | "RefreshPolicyInfoCache"
  | "ListPolicy"
  | "CreatePrivilegeGroup"
  | "DropPrivilegeGroup"
  | "ListPrivilegeGroups"
  | "OperatePrivilegeGroup"
  | "OperatePrivilegeV2"
  | "AlterRole"
  | "CreateResourceGroup"
  | "DropResourceGroup"
  | "ListResourceGroups"
  | "DescribeResourceGroup"
  | "TransferNode"
  | "TransferReplica"
  | "UpdateResourceGroups"
  | "CreateDatabase"
  | "DropDatabase"
  | "ListDatabases"
  | "AlterDatabase"
  | "DescribeDatabase"
  | "AddCollectionField"
  | "AlterWAL"
  | "CreateSnapshot"
  | "DropSnapshot"
  | "ListSnapshots"
  | "DescribeSnapshot"
  | "RestoreSnapshot"
  | "GetRestoreSnapshotState"
  | "ListRestoreSnapshotJobs"
  | "PinSnapshotData"
  | "UnpinSnapshotData"
  | "RestoreExternalSnapshot"
  | "ExportSnapshot"
  | "AlterCollectionSchema"
  | "RefreshExternalCollection"
  | "GetRefreshExternalCollectionProgress"
  | "ListRefreshExternalCollectionJobs"
  | "CreateRowPolicy"
  | "DropRowPolicy"
  | "ListRowPolicies"
  | "UpdateRowPolicy"
  | "SetRLSPrincipalTags"
  | "GetRLSPrincipalTags"
  | "ListRLSPrincipals"
  | "DeleteRLSPrincipalTags"
  | "GetExportSnapshotState"
  | number

/** A value of `milvus.proto.common.DslType`: its name, or a number that has none here. */
export type DslType =
  | "Dsl"
  | "BoolExprV1"
  | number

/** A value of `milvus.proto.common.CompactionState`: its name, or a number that has none here. */
export type CompactionState =
  | "UndefiedState"
  | "Executing"
  | "Completed"
  | number

/** A value of `milvus.proto.common.CompactionTaskState`: its name, or a number that has none here. */
export type CompactionTaskState =
  | "CompactionTaskStateUnknown"
  | "CompactionTaskStateExecuting"
  | "CompactionTaskStatePipelining"
  | "CompactionTaskStateCompleted"
  | "CompactionTaskStateFailed"
  | "CompactionTaskStateTimeout"
  | "CompactionTaskStateAnalyzing"
  | "CompactionTaskStateIndexing"
  | "CompactionTaskStateCleaned"
  | "CompactionTaskStateMetaSaved"
  | "CompactionTaskStateStatistic"
  | number

/** A value of `milvus.proto.common.CompactionType`: its name, or a number that has none here. */
export type CompactionType =
  | "CompactionTypeUndefined"
  | "CompactionTypeMerge"
  | "CompactionTypeMix"
  | "CompactionTypeSingle"
  | "CompactionTypeMinor"
  | "CompactionTypeMajor"
  | "CompactionTypeLevel0Delete"
  | "CompactionTypeClustering"
  | "CompactionTypeSort"
  | "CompactionTypePartitionKeySort"
  | "CompactionTypeClusteringPartitionKeySort"
  | "CompactionTypeBumpSchemaVersion"
  | number

/** A value of `milvus.proto.common.ConsistencyLevel`: its name, or a number that has none here. */
export type ConsistencyLevel =
  | "Strong"
  | "Session"
  | "Bounded"
  | "Eventually"
  | "Customized"
  | number

/** A value of `milvus.proto.common.ImportState`: its name, or a number that has none here. */
export type ImportState =
  | "ImportPending"
  | "ImportFailed"
  | "ImportStarted"
  | "ImportPersisted"
  | "ImportFlushed"
  | "ImportCompleted"
  | "ImportFailedAndCleaned"
  | number

/** A value of `milvus.proto.common.ObjectType`: its name, or a number that has none here. */
export type ObjectType =
  | "Collection"
  | "Global"
  | "User"
  | number

/** A value of `milvus.proto.common.ObjectPrivilege`: its name, or a number that has none here. */
export type ObjectPrivilege =
  | "PrivilegeAll"
  | "PrivilegeCreateCollection"
  | "PrivilegeDropCollection"
  | "PrivilegeDescribeCollection"
  | "PrivilegeShowCollections"
  | "PrivilegeLoad"
  | "PrivilegeRelease"
  | "PrivilegeCompaction"
  | "PrivilegeInsert"
  | "PrivilegeDelete"
  | "PrivilegeGetStatistics"
  | "PrivilegeCreateIndex"
  | "PrivilegeIndexDetail"
  | "PrivilegeDropIndex"
  | "PrivilegeSearch"
  | "PrivilegeFlush"
  | "PrivilegeQuery"
  | "PrivilegeLoadBalance"
  | "PrivilegeImport"
  | "PrivilegeCreateOwnership"
  | "PrivilegeUpdateUser"
  | "PrivilegeDropOwnership"
  | "PrivilegeSelectOwnership"
  | "PrivilegeManageOwnership"
  | "PrivilegeSelectUser"
  | "PrivilegeUpsert"
  | "PrivilegeCreateResourceGroup"
  | "PrivilegeDropResourceGroup"
  | "PrivilegeDescribeResourceGroup"
  | "PrivilegeListResourceGroups"
  | "PrivilegeTransferNode"
  | "PrivilegeTransferReplica"
  | "PrivilegeGetLoadingProgress"
  | "PrivilegeGetLoadState"
  | "PrivilegeRenameCollection"
  | "PrivilegeCreateDatabase"
  | "PrivilegeDropDatabase"
  | "PrivilegeListDatabases"
  | "PrivilegeFlushAll"
  | "PrivilegeCreatePartition"
  | "PrivilegeDropPartition"
  | "PrivilegeShowPartitions"
  | "PrivilegeHasPartition"
  | "PrivilegeGetFlushState"
  | "PrivilegeCreateAlias"
  | "PrivilegeDropAlias"
  | "PrivilegeDescribeAlias"
  | "PrivilegeListAliases"
  | "PrivilegeUpdateResourceGroups"
  | "PrivilegeAlterDatabase"
  | "PrivilegeDescribeDatabase"
  | "PrivilegeBackupRBAC"
  | "PrivilegeRestoreRBAC"
  | "PrivilegeGroupReadOnly"
  | "PrivilegeGroupReadWrite"
  | "PrivilegeGroupAdmin"
  | "PrivilegeCreatePrivilegeGroup"
  | "PrivilegeDropPrivilegeGroup"
  | "PrivilegeListPrivilegeGroups"
  | "PrivilegeOperatePrivilegeGroup"
  | "PrivilegeGroupClusterReadOnly"
  | "PrivilegeGroupClusterReadWrite"
  | "PrivilegeGroupClusterAdmin"
  | "PrivilegeGroupDatabaseReadOnly"
  | "PrivilegeGroupDatabaseReadWrite"
  | "PrivilegeGroupDatabaseAdmin"
  | "PrivilegeGroupCollectionReadOnly"
  | "PrivilegeGroupCollectionReadWrite"
  | "PrivilegeGroupCollectionAdmin"
  | "PrivilegeGetImportProgress"
  | "PrivilegeListImport"
  | "PrivilegeAddCollectionField"
  | "PrivilegeAddFileResource"
  | "PrivilegeRemoveFileResource"
  | "PrivilegeListFileResources"
  | "PrivilegeUpdateReplicateConfiguration"
  | "PrivilegeCreateSnapshot"
  | "PrivilegeDropSnapshot"
  | "PrivilegeDescribeSnapshot"
  | "PrivilegeListSnapshots"
  | "PrivilegeRestoreSnapshot"
  | "PrivilegeAlterCollectionSchema"
  | "PrivilegeGetReplicateConfiguration"
  | "PrivilegeRefreshExternalCollection"
  | "PrivilegePinSnapshotData"
  | "PrivilegeUnpinSnapshotData"
  | "PrivilegeRestoreExternalSnapshot"
  | "PrivilegeExportSnapshot"
  | "PrivilegeSkipRLS"
  | "PrivilegeViewRLS"
  | "PrivilegeManageRLS"
  | "PrivilegeImportBinlog"
  | number

/** A value of `milvus.proto.common.StateCode`: its name, or a number that has none here. */
export type StateCode =
  | "Initializing"
  | "Healthy"
  | "Abnormal"
  | "StandBy"
  | "Stopping"
  | number

/** A value of `milvus.proto.common.LoadState`: its name, or a number that has none here. */
export type LoadState =
  | "LoadStateNotExist"
  | "LoadStateNotLoad"
  | "LoadStateLoading"
  | "LoadStateLoaded"
  | number

/** A value of `milvus.proto.common.LoadPriority`: its name, or a number that has none here. */
export type LoadPriority =
  | "HIGH"
  | "LOW"
  | number

/** A value of `milvus.proto.common.WALName`: its name, or a number that has none here. */
export type WALName =
  | "Unknown"
  | "RocksMQ"
  | "Pulsar"
  | "Kafka"
  | "WoodPecker"
  | "Test"
  | number

/** A value of `milvus.proto.common.HighlightType`: its name, or a number that has none here. */
export type HighlightType =
  | "Lexical"
  | "Semantic"
  | number

/** `milvus.proto.feder.SegmentIndexData` as read. */
export type SegmentIndexData = {
  readonly segmentID: bigint
  readonly index_data: string
}
/** `milvus.proto.feder.SegmentIndexData` as written. */
export type SegmentIndexDataInput = {
  readonly segmentID?: number | bigint | undefined
  readonly index_data?: string | undefined
}

/** `milvus.proto.feder.ListIndexedSegmentRequest` as read. */
export type ListIndexedSegmentRequest = {
  readonly base: MsgBase | null
  readonly collection_name: string
  readonly index_name: string
}
/** `milvus.proto.feder.ListIndexedSegmentRequest` as written. */
export type ListIndexedSegmentRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly collection_name?: string | undefined
  readonly index_name?: string | undefined
}

/** `milvus.proto.feder.ListIndexedSegmentResponse` as read. */
export type ListIndexedSegmentResponse = {
  readonly status: Status | null
  readonly segmentIDs: ReadonlyArray<bigint>
}
/** `milvus.proto.feder.ListIndexedSegmentResponse` as written. */
export type ListIndexedSegmentResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly segmentIDs?: ReadonlyArray<number | bigint> | undefined
}

/** `milvus.proto.feder.DescribeSegmentIndexDataRequest` as read. */
export type DescribeSegmentIndexDataRequest = {
  readonly base: MsgBase | null
  readonly collection_name: string
  readonly index_name: string
  readonly segmentsIDs: ReadonlyArray<bigint>
}
/** `milvus.proto.feder.DescribeSegmentIndexDataRequest` as written. */
export type DescribeSegmentIndexDataRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly collection_name?: string | undefined
  readonly index_name?: string | undefined
  readonly segmentsIDs?: ReadonlyArray<number | bigint> | undefined
}

/** `milvus.proto.feder.DescribeSegmentIndexDataResponse` as read. */
export type DescribeSegmentIndexDataResponse = {
  readonly status: Status | null
  readonly index_data: { readonly [key: string]: SegmentIndexData }
  readonly index_params: ReadonlyArray<KeyValuePair>
}
/** `milvus.proto.feder.DescribeSegmentIndexDataResponse` as written. */
export type DescribeSegmentIndexDataResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly index_data?: { readonly [key: string]: SegmentIndexDataInput } | undefined
  readonly index_params?: ReadonlyArray<KeyValuePairInput> | undefined
}

/** `milvus.proto.milvus.CreateAliasRequest` as read. */
export type CreateAliasRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly alias: string
}
/** `milvus.proto.milvus.CreateAliasRequest` as written. */
export type CreateAliasRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly alias?: string | undefined
}

/** `milvus.proto.milvus.DropAliasRequest` as read. */
export type DropAliasRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly alias: string
}
/** `milvus.proto.milvus.DropAliasRequest` as written. */
export type DropAliasRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly alias?: string | undefined
}

/** `milvus.proto.milvus.AlterAliasRequest` as read. */
export type AlterAliasRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly alias: string
}
/** `milvus.proto.milvus.AlterAliasRequest` as written. */
export type AlterAliasRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly alias?: string | undefined
}

/** `milvus.proto.milvus.DescribeAliasRequest` as read. */
export type DescribeAliasRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly alias: string
}
/** `milvus.proto.milvus.DescribeAliasRequest` as written. */
export type DescribeAliasRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly alias?: string | undefined
}

/** `milvus.proto.milvus.DescribeAliasResponse` as read. */
export type DescribeAliasResponse = {
  readonly status: Status | null
  readonly db_name: string
  readonly alias: string
  readonly collection: string
}
/** `milvus.proto.milvus.DescribeAliasResponse` as written. */
export type DescribeAliasResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly db_name?: string | undefined
  readonly alias?: string | undefined
  readonly collection?: string | undefined
}

/** `milvus.proto.milvus.ListAliasesRequest` as read. */
export type ListAliasesRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
}
/** `milvus.proto.milvus.ListAliasesRequest` as written. */
export type ListAliasesRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
}

/** `milvus.proto.milvus.ListAliasesResponse` as read. */
export type ListAliasesResponse = {
  readonly status: Status | null
  readonly db_name: string
  readonly collection_name: string
  readonly aliases: ReadonlyArray<string>
}
/** `milvus.proto.milvus.ListAliasesResponse` as written. */
export type ListAliasesResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly aliases?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.milvus.CreateCollectionRequest` as read. */
export type CreateCollectionRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly schema: Uint8Array
  readonly shards_num: number
  readonly consistency_level: ConsistencyLevel
  readonly properties: ReadonlyArray<KeyValuePair>
  readonly num_partitions: bigint
}
/** `milvus.proto.milvus.CreateCollectionRequest` as written. */
export type CreateCollectionRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly schema?: Uint8Array | undefined
  readonly shards_num?: number | undefined
  readonly consistency_level?: ConsistencyLevel | undefined
  readonly properties?: ReadonlyArray<KeyValuePairInput> | undefined
  readonly num_partitions?: number | bigint | undefined
}

/** `milvus.proto.milvus.DropCollectionRequest` as read. */
export type DropCollectionRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
}
/** `milvus.proto.milvus.DropCollectionRequest` as written. */
export type DropCollectionRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
}

/** `milvus.proto.milvus.AlterCollectionRequest` as read. */
export type AlterCollectionRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly collectionID: bigint
  readonly properties: ReadonlyArray<KeyValuePair>
  readonly delete_keys: ReadonlyArray<string>
}
/** `milvus.proto.milvus.AlterCollectionRequest` as written. */
export type AlterCollectionRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly collectionID?: number | bigint | undefined
  readonly properties?: ReadonlyArray<KeyValuePairInput> | undefined
  readonly delete_keys?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.milvus.AlterCollectionFieldRequest` as read. */
export type AlterCollectionFieldRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly field_name: string
  readonly properties: ReadonlyArray<KeyValuePair>
  readonly delete_keys: ReadonlyArray<string>
}
/** `milvus.proto.milvus.AlterCollectionFieldRequest` as written. */
export type AlterCollectionFieldRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly field_name?: string | undefined
  readonly properties?: ReadonlyArray<KeyValuePairInput> | undefined
  readonly delete_keys?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.milvus.HasCollectionRequest` as read. */
export type HasCollectionRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly time_stamp: bigint
}
/** `milvus.proto.milvus.HasCollectionRequest` as written. */
export type HasCollectionRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly time_stamp?: number | bigint | undefined
}

/** `milvus.proto.milvus.BoolResponse` as read. */
export type BoolResponse = {
  readonly status: Status | null
  readonly value: boolean
}
/** `milvus.proto.milvus.BoolResponse` as written. */
export type BoolResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly value?: boolean | undefined
}

/** `milvus.proto.milvus.DescribeCollectionRequest` as read. */
export type DescribeCollectionRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly collectionID: bigint
  readonly time_stamp: bigint
}
/** `milvus.proto.milvus.DescribeCollectionRequest` as written. */
export type DescribeCollectionRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly collectionID?: number | bigint | undefined
  readonly time_stamp?: number | bigint | undefined
}

/** `milvus.proto.milvus.DescribeCollectionResponse` as read. */
export type DescribeCollectionResponse = {
  readonly status: Status | null
  readonly schema: CollectionSchema | null
  readonly collectionID: bigint
  readonly virtual_channel_names: ReadonlyArray<string>
  readonly physical_channel_names: ReadonlyArray<string>
  readonly created_timestamp: bigint
  readonly created_utc_timestamp: bigint
  readonly shards_num: number
  readonly aliases: ReadonlyArray<string>
  readonly start_positions: ReadonlyArray<KeyDataPair>
  readonly consistency_level: ConsistencyLevel
  readonly collection_name: string
  readonly properties: ReadonlyArray<KeyValuePair>
  readonly db_name: string
  readonly num_partitions: bigint
  readonly db_id: bigint
  readonly request_time: bigint
  readonly update_timestamp: bigint
  readonly update_timestamp_str: string
  readonly shard_infos: ReadonlyArray<CollectionShardInfo>
  readonly shard_by: string
  readonly routing_modulus: bigint
}
/** `milvus.proto.milvus.DescribeCollectionResponse` as written. */
export type DescribeCollectionResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly schema?: CollectionSchemaInput | null | undefined
  readonly collectionID?: number | bigint | undefined
  readonly virtual_channel_names?: ReadonlyArray<string> | undefined
  readonly physical_channel_names?: ReadonlyArray<string> | undefined
  readonly created_timestamp?: number | bigint | undefined
  readonly created_utc_timestamp?: number | bigint | undefined
  readonly shards_num?: number | undefined
  readonly aliases?: ReadonlyArray<string> | undefined
  readonly start_positions?: ReadonlyArray<KeyDataPairInput> | undefined
  readonly consistency_level?: ConsistencyLevel | undefined
  readonly collection_name?: string | undefined
  readonly properties?: ReadonlyArray<KeyValuePairInput> | undefined
  readonly db_name?: string | undefined
  readonly num_partitions?: number | bigint | undefined
  readonly db_id?: number | bigint | undefined
  readonly request_time?: number | bigint | undefined
  readonly update_timestamp?: number | bigint | undefined
  readonly update_timestamp_str?: string | undefined
  readonly shard_infos?: ReadonlyArray<CollectionShardInfoInput> | undefined
  readonly shard_by?: string | undefined
  readonly routing_modulus?: number | bigint | undefined
}

/** `milvus.proto.milvus.BatchDescribeCollectionRequest` as read. */
export type BatchDescribeCollectionRequest = {
  readonly db_name: string
  readonly collection_name: ReadonlyArray<string>
  readonly collectionID: ReadonlyArray<bigint>
}
/** `milvus.proto.milvus.BatchDescribeCollectionRequest` as written. */
export type BatchDescribeCollectionRequestInput = {
  readonly db_name?: string | undefined
  readonly collection_name?: ReadonlyArray<string> | undefined
  readonly collectionID?: ReadonlyArray<number | bigint> | undefined
}

/** `milvus.proto.milvus.BatchDescribeCollectionResponse` as read. */
export type BatchDescribeCollectionResponse = {
  readonly status: Status | null
  readonly responses: ReadonlyArray<DescribeCollectionResponse>
}
/** `milvus.proto.milvus.BatchDescribeCollectionResponse` as written. */
export type BatchDescribeCollectionResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly responses?: ReadonlyArray<DescribeCollectionResponseInput> | undefined
}

/** `milvus.proto.milvus.LoadCollectionRequest` as read. */
export type LoadCollectionRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly replica_number: number
  readonly resource_groups: ReadonlyArray<string>
  readonly refresh: boolean
  readonly load_fields: ReadonlyArray<string>
  readonly skip_load_dynamic_field: boolean
  readonly load_params: { readonly [key: string]: string }
}
/** `milvus.proto.milvus.LoadCollectionRequest` as written. */
export type LoadCollectionRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly replica_number?: number | undefined
  readonly resource_groups?: ReadonlyArray<string> | undefined
  readonly refresh?: boolean | undefined
  readonly load_fields?: ReadonlyArray<string> | undefined
  readonly skip_load_dynamic_field?: boolean | undefined
  readonly load_params?: { readonly [key: string]: string } | undefined
}

/** `milvus.proto.milvus.ReleaseCollectionRequest` as read. */
export type ReleaseCollectionRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
}
/** `milvus.proto.milvus.ReleaseCollectionRequest` as written. */
export type ReleaseCollectionRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
}

/** `milvus.proto.milvus.GetCollectionStatisticsRequest` as read. */
export type GetCollectionStatisticsRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
}
/** `milvus.proto.milvus.GetCollectionStatisticsRequest` as written. */
export type GetCollectionStatisticsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
}

/** `milvus.proto.milvus.GetCollectionStatisticsResponse` as read. */
export type GetCollectionStatisticsResponse = {
  readonly status: Status | null
  readonly stats: ReadonlyArray<KeyValuePair>
}
/** `milvus.proto.milvus.GetCollectionStatisticsResponse` as written. */
export type GetCollectionStatisticsResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly stats?: ReadonlyArray<KeyValuePairInput> | undefined
}

/** `milvus.proto.milvus.ShowCollectionsRequest` as read. */
export type ShowCollectionsRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly time_stamp: bigint
  readonly type: ShowType
  /** @deprecated */
  readonly collection_names: ReadonlyArray<string>
}
/** `milvus.proto.milvus.ShowCollectionsRequest` as written. */
export type ShowCollectionsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly time_stamp?: number | bigint | undefined
  readonly type?: ShowType | undefined
  /** @deprecated */
  readonly collection_names?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.milvus.ShowCollectionsResponse` as read. */
export type ShowCollectionsResponse = {
  readonly status: Status | null
  readonly collection_names: ReadonlyArray<string>
  readonly collection_ids: ReadonlyArray<bigint>
  readonly created_timestamps: ReadonlyArray<bigint>
  readonly created_utc_timestamps: ReadonlyArray<bigint>
  /** @deprecated */
  readonly inMemory_percentages: ReadonlyArray<bigint>
  readonly query_service_available: ReadonlyArray<boolean>
  readonly shards_num: ReadonlyArray<number>
}
/** `milvus.proto.milvus.ShowCollectionsResponse` as written. */
export type ShowCollectionsResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly collection_names?: ReadonlyArray<string> | undefined
  readonly collection_ids?: ReadonlyArray<number | bigint> | undefined
  readonly created_timestamps?: ReadonlyArray<number | bigint> | undefined
  readonly created_utc_timestamps?: ReadonlyArray<number | bigint> | undefined
  /** @deprecated */
  readonly inMemory_percentages?: ReadonlyArray<number | bigint> | undefined
  readonly query_service_available?: ReadonlyArray<boolean> | undefined
  readonly shards_num?: ReadonlyArray<number> | undefined
}

/** `milvus.proto.milvus.CreatePartitionRequest` as read. */
export type CreatePartitionRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly partition_name: string
}
/** `milvus.proto.milvus.CreatePartitionRequest` as written. */
export type CreatePartitionRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly partition_name?: string | undefined
}

/** `milvus.proto.milvus.DropPartitionRequest` as read. */
export type DropPartitionRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly partition_name: string
}
/** `milvus.proto.milvus.DropPartitionRequest` as written. */
export type DropPartitionRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly partition_name?: string | undefined
}

/** `milvus.proto.milvus.HasPartitionRequest` as read. */
export type HasPartitionRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly partition_name: string
}
/** `milvus.proto.milvus.HasPartitionRequest` as written. */
export type HasPartitionRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly partition_name?: string | undefined
}

/** `milvus.proto.milvus.LoadPartitionsRequest` as read. */
export type LoadPartitionsRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly partition_names: ReadonlyArray<string>
  readonly replica_number: number
  readonly resource_groups: ReadonlyArray<string>
  readonly refresh: boolean
  readonly load_fields: ReadonlyArray<string>
  readonly skip_load_dynamic_field: boolean
  readonly load_params: { readonly [key: string]: string }
}
/** `milvus.proto.milvus.LoadPartitionsRequest` as written. */
export type LoadPartitionsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly partition_names?: ReadonlyArray<string> | undefined
  readonly replica_number?: number | undefined
  readonly resource_groups?: ReadonlyArray<string> | undefined
  readonly refresh?: boolean | undefined
  readonly load_fields?: ReadonlyArray<string> | undefined
  readonly skip_load_dynamic_field?: boolean | undefined
  readonly load_params?: { readonly [key: string]: string } | undefined
}

/** `milvus.proto.milvus.PrewarmRequest` as read. */
export type PrewarmRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly namespace?: string
  readonly replica_number: number
  readonly resource_groups: ReadonlyArray<string>
  readonly load_fields: ReadonlyArray<string>
  readonly skip_load_dynamic_field: boolean
  readonly load_params: { readonly [key: string]: string }
  readonly ttl_seconds: bigint
  readonly priority: string
  readonly _namespace?: "namespace"
}
/** `milvus.proto.milvus.PrewarmRequest` as written. */
export type PrewarmRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly namespace?: string | undefined
  readonly replica_number?: number | undefined
  readonly resource_groups?: ReadonlyArray<string> | undefined
  readonly load_fields?: ReadonlyArray<string> | undefined
  readonly skip_load_dynamic_field?: boolean | undefined
  readonly load_params?: { readonly [key: string]: string } | undefined
  readonly ttl_seconds?: number | bigint | undefined
  readonly priority?: string | undefined
}

/** `milvus.proto.milvus.PrewarmResponse` as read. */
export type PrewarmResponse = {
  readonly status: Status | null
  readonly taskID: string
  readonly namespace?: string
  readonly _namespace?: "namespace"
}
/** `milvus.proto.milvus.PrewarmResponse` as written. */
export type PrewarmResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly taskID?: string | undefined
  readonly namespace?: string | undefined
}

/** `milvus.proto.milvus.DescribePrewarmTaskRequest` as read. */
export type DescribePrewarmTaskRequest = {
  readonly base: MsgBase | null
  readonly taskID: string
}
/** `milvus.proto.milvus.DescribePrewarmTaskRequest` as written. */
export type DescribePrewarmTaskRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly taskID?: string | undefined
}

/** `milvus.proto.milvus.DescribePrewarmTaskResponse` as read. */
export type DescribePrewarmTaskResponse = {
  readonly status: Status | null
  readonly taskID: string
  readonly state: PrewarmTaskState
  readonly progress: number
  readonly error_message: string
}
/** `milvus.proto.milvus.DescribePrewarmTaskResponse` as written. */
export type DescribePrewarmTaskResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly taskID?: string | undefined
  readonly state?: PrewarmTaskState | undefined
  readonly progress?: number | undefined
  readonly error_message?: string | undefined
}

/** `milvus.proto.milvus.ReleasePartitionsRequest` as read. */
export type ReleasePartitionsRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly partition_names: ReadonlyArray<string>
}
/** `milvus.proto.milvus.ReleasePartitionsRequest` as written. */
export type ReleasePartitionsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly partition_names?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.milvus.GetPartitionStatisticsRequest` as read. */
export type GetPartitionStatisticsRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly partition_name: string
}
/** `milvus.proto.milvus.GetPartitionStatisticsRequest` as written. */
export type GetPartitionStatisticsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly partition_name?: string | undefined
}

/** `milvus.proto.milvus.GetPartitionStatisticsResponse` as read. */
export type GetPartitionStatisticsResponse = {
  readonly status: Status | null
  readonly stats: ReadonlyArray<KeyValuePair>
}
/** `milvus.proto.milvus.GetPartitionStatisticsResponse` as written. */
export type GetPartitionStatisticsResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly stats?: ReadonlyArray<KeyValuePairInput> | undefined
}

/** `milvus.proto.milvus.ShowPartitionsRequest` as read. */
export type ShowPartitionsRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly collectionID: bigint
  readonly partition_names: ReadonlyArray<string>
  /** @deprecated */
  readonly type: ShowType
}
/** `milvus.proto.milvus.ShowPartitionsRequest` as written. */
export type ShowPartitionsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly collectionID?: number | bigint | undefined
  readonly partition_names?: ReadonlyArray<string> | undefined
  /** @deprecated */
  readonly type?: ShowType | undefined
}

/** `milvus.proto.milvus.ShowPartitionsResponse` as read. */
export type ShowPartitionsResponse = {
  readonly status: Status | null
  readonly partition_names: ReadonlyArray<string>
  readonly partitionIDs: ReadonlyArray<bigint>
  readonly created_timestamps: ReadonlyArray<bigint>
  readonly created_utc_timestamps: ReadonlyArray<bigint>
  /** @deprecated */
  readonly inMemory_percentages: ReadonlyArray<bigint>
}
/** `milvus.proto.milvus.ShowPartitionsResponse` as written. */
export type ShowPartitionsResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly partition_names?: ReadonlyArray<string> | undefined
  readonly partitionIDs?: ReadonlyArray<number | bigint> | undefined
  readonly created_timestamps?: ReadonlyArray<number | bigint> | undefined
  readonly created_utc_timestamps?: ReadonlyArray<number | bigint> | undefined
  /** @deprecated */
  readonly inMemory_percentages?: ReadonlyArray<number | bigint> | undefined
}

/** `milvus.proto.milvus.NamespaceStats` as read. */
export type NamespaceStats = {
  readonly stats: ReadonlyArray<KeyValuePair>
  readonly approx_entity_count: bigint
  readonly entity_count: bigint
  readonly entity_count_type: string
  readonly logical_bytes: bigint
  readonly last_write_timestamp: bigint
  readonly last_write_utc_timestamp: bigint
}
/** `milvus.proto.milvus.NamespaceStats` as written. */
export type NamespaceStatsInput = {
  readonly stats?: ReadonlyArray<KeyValuePairInput> | undefined
  readonly approx_entity_count?: number | bigint | undefined
  readonly entity_count?: number | bigint | undefined
  readonly entity_count_type?: string | undefined
  readonly logical_bytes?: number | bigint | undefined
  readonly last_write_timestamp?: number | bigint | undefined
  readonly last_write_utc_timestamp?: number | bigint | undefined
}

/** `milvus.proto.milvus.NamespaceInfo` as read. */
export type NamespaceInfo = {
  readonly collection_name: string
  readonly namespace_name: string
  readonly created_timestamp: bigint
  readonly created_utc_timestamp: bigint
  readonly state: string
  readonly stats: NamespaceStats | null
}
/** `milvus.proto.milvus.NamespaceInfo` as written. */
export type NamespaceInfoInput = {
  readonly collection_name?: string | undefined
  readonly namespace_name?: string | undefined
  readonly created_timestamp?: number | bigint | undefined
  readonly created_utc_timestamp?: number | bigint | undefined
  readonly state?: string | undefined
  readonly stats?: NamespaceStatsInput | null | undefined
}

/** `milvus.proto.milvus.CreateNamespaceRequest` as read. */
export type CreateNamespaceRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly namespace_name: string
}
/** `milvus.proto.milvus.CreateNamespaceRequest` as written. */
export type CreateNamespaceRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly namespace_name?: string | undefined
}

/** `milvus.proto.milvus.CreateNamespaceResponse` as read. */
export type CreateNamespaceResponse = {
  readonly status: Status | null
  readonly namespace: NamespaceInfo | null
}
/** `milvus.proto.milvus.CreateNamespaceResponse` as written. */
export type CreateNamespaceResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly namespace?: NamespaceInfoInput | null | undefined
}

/** `milvus.proto.milvus.DescribeNamespaceRequest` as read. */
export type DescribeNamespaceRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly namespace_name: string
}
/** `milvus.proto.milvus.DescribeNamespaceRequest` as written. */
export type DescribeNamespaceRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly namespace_name?: string | undefined
}

/** `milvus.proto.milvus.DescribeNamespaceResponse` as read. */
export type DescribeNamespaceResponse = {
  readonly status: Status | null
  readonly namespace: NamespaceInfo | null
}
/** `milvus.proto.milvus.DescribeNamespaceResponse` as written. */
export type DescribeNamespaceResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly namespace?: NamespaceInfoInput | null | undefined
}

/** `milvus.proto.milvus.ListNamespacesRequest` as read. */
export type ListNamespacesRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly prefix: string
  readonly page_size: bigint
  readonly page_token: string
}
/** `milvus.proto.milvus.ListNamespacesRequest` as written. */
export type ListNamespacesRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly prefix?: string | undefined
  readonly page_size?: number | bigint | undefined
  readonly page_token?: string | undefined
}

/** `milvus.proto.milvus.ListNamespacesResponse` as read. */
export type ListNamespacesResponse = {
  readonly status: Status | null
  readonly namespaces: ReadonlyArray<NamespaceInfo>
  readonly next_page_token: string
}
/** `milvus.proto.milvus.ListNamespacesResponse` as written. */
export type ListNamespacesResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly namespaces?: ReadonlyArray<NamespaceInfoInput> | undefined
  readonly next_page_token?: string | undefined
}

/** `milvus.proto.milvus.DropNamespaceRequest` as read. */
export type DropNamespaceRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly namespace_name: string
}
/** `milvus.proto.milvus.DropNamespaceRequest` as written. */
export type DropNamespaceRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly namespace_name?: string | undefined
}

/** `milvus.proto.milvus.DropNamespaceResponse` as read. */
export type DropNamespaceResponse = {
  readonly status: Status | null
  readonly namespace: NamespaceInfo | null
}
/** `milvus.proto.milvus.DropNamespaceResponse` as written. */
export type DropNamespaceResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly namespace?: NamespaceInfoInput | null | undefined
}

/** `milvus.proto.milvus.HasNamespaceRequest` as read. */
export type HasNamespaceRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly namespace_name: string
}
/** `milvus.proto.milvus.HasNamespaceRequest` as written. */
export type HasNamespaceRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly namespace_name?: string | undefined
}

/** `milvus.proto.milvus.HasNamespaceResponse` as read. */
export type HasNamespaceResponse = {
  readonly status: Status | null
  readonly value: boolean
}
/** `milvus.proto.milvus.HasNamespaceResponse` as written. */
export type HasNamespaceResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly value?: boolean | undefined
}

/** `milvus.proto.milvus.GetNamespaceStatsRequest` as read. */
export type GetNamespaceStatsRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly namespace_name: string
  readonly exact: boolean
}
/** `milvus.proto.milvus.GetNamespaceStatsRequest` as written. */
export type GetNamespaceStatsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly namespace_name?: string | undefined
  readonly exact?: boolean | undefined
}

/** `milvus.proto.milvus.GetNamespaceStatsResponse` as read. */
export type GetNamespaceStatsResponse = {
  readonly status: Status | null
  readonly namespace_name: string
  readonly stats: NamespaceStats | null
}
/** `milvus.proto.milvus.GetNamespaceStatsResponse` as written. */
export type GetNamespaceStatsResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly namespace_name?: string | undefined
  readonly stats?: NamespaceStatsInput | null | undefined
}

/** `milvus.proto.milvus.CreateIndexRequest` as read. */
export type CreateIndexRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly field_name: string
  readonly extra_params: ReadonlyArray<KeyValuePair>
  readonly index_name: string
}
/** `milvus.proto.milvus.CreateIndexRequest` as written. */
export type CreateIndexRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly field_name?: string | undefined
  readonly extra_params?: ReadonlyArray<KeyValuePairInput> | undefined
  readonly index_name?: string | undefined
}

/** `milvus.proto.milvus.AlterIndexRequest` as read. */
export type AlterIndexRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly index_name: string
  readonly extra_params: ReadonlyArray<KeyValuePair>
  readonly delete_keys: ReadonlyArray<string>
}
/** `milvus.proto.milvus.AlterIndexRequest` as written. */
export type AlterIndexRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly index_name?: string | undefined
  readonly extra_params?: ReadonlyArray<KeyValuePairInput> | undefined
  readonly delete_keys?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.milvus.DescribeIndexRequest` as read. */
export type DescribeIndexRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly field_name: string
  readonly index_name: string
  readonly timestamp: bigint
}
/** `milvus.proto.milvus.DescribeIndexRequest` as written. */
export type DescribeIndexRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly field_name?: string | undefined
  readonly index_name?: string | undefined
  readonly timestamp?: number | bigint | undefined
}

/** `milvus.proto.milvus.IndexDescription` as read. */
export type IndexDescription = {
  readonly index_name: string
  readonly indexID: bigint
  readonly params: ReadonlyArray<KeyValuePair>
  readonly field_name: string
  readonly indexed_rows: bigint
  readonly total_rows: bigint
  readonly state: IndexState
  readonly index_state_fail_reason: string
  readonly pending_index_rows: bigint
  readonly min_index_version: number
  readonly max_index_version: number
}
/** `milvus.proto.milvus.IndexDescription` as written. */
export type IndexDescriptionInput = {
  readonly index_name?: string | undefined
  readonly indexID?: number | bigint | undefined
  readonly params?: ReadonlyArray<KeyValuePairInput> | undefined
  readonly field_name?: string | undefined
  readonly indexed_rows?: number | bigint | undefined
  readonly total_rows?: number | bigint | undefined
  readonly state?: IndexState | undefined
  readonly index_state_fail_reason?: string | undefined
  readonly pending_index_rows?: number | bigint | undefined
  readonly min_index_version?: number | undefined
  readonly max_index_version?: number | undefined
}

/** `milvus.proto.milvus.DescribeIndexResponse` as read. */
export type DescribeIndexResponse = {
  readonly status: Status | null
  readonly index_descriptions: ReadonlyArray<IndexDescription>
}
/** `milvus.proto.milvus.DescribeIndexResponse` as written. */
export type DescribeIndexResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly index_descriptions?: ReadonlyArray<IndexDescriptionInput> | undefined
}

/** `milvus.proto.milvus.GetIndexBuildProgressRequest` as read. */
export type GetIndexBuildProgressRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly field_name: string
  readonly index_name: string
}
/** `milvus.proto.milvus.GetIndexBuildProgressRequest` as written. */
export type GetIndexBuildProgressRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly field_name?: string | undefined
  readonly index_name?: string | undefined
}

/** `milvus.proto.milvus.GetIndexBuildProgressResponse` as read. */
export type GetIndexBuildProgressResponse = {
  readonly status: Status | null
  readonly indexed_rows: bigint
  readonly total_rows: bigint
}
/** `milvus.proto.milvus.GetIndexBuildProgressResponse` as written. */
export type GetIndexBuildProgressResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly indexed_rows?: number | bigint | undefined
  readonly total_rows?: number | bigint | undefined
}

/** `milvus.proto.milvus.GetIndexStateRequest` as read. */
export type GetIndexStateRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly field_name: string
  readonly index_name: string
}
/** `milvus.proto.milvus.GetIndexStateRequest` as written. */
export type GetIndexStateRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly field_name?: string | undefined
  readonly index_name?: string | undefined
}

/** `milvus.proto.milvus.GetIndexStateResponse` as read. */
export type GetIndexStateResponse = {
  readonly status: Status | null
  readonly state: IndexState
  readonly fail_reason: string
}
/** `milvus.proto.milvus.GetIndexStateResponse` as written. */
export type GetIndexStateResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly state?: IndexState | undefined
  readonly fail_reason?: string | undefined
}

/** `milvus.proto.milvus.DropIndexRequest` as read. */
export type DropIndexRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly field_name: string
  readonly index_name: string
}
/** `milvus.proto.milvus.DropIndexRequest` as written. */
export type DropIndexRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly field_name?: string | undefined
  readonly index_name?: string | undefined
}

/** `milvus.proto.milvus.InsertRequest` as read. */
export type InsertRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly partition_name: string
  readonly fields_data: ReadonlyArray<FieldData>
  readonly hash_keys: ReadonlyArray<number>
  readonly num_rows: number
  readonly schema_timestamp: bigint
  readonly namespace?: string
  readonly rls_principal: string
  readonly skip_rls: boolean
  readonly _namespace?: "namespace"
}
/** `milvus.proto.milvus.InsertRequest` as written. */
export type InsertRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly partition_name?: string | undefined
  readonly fields_data?: ReadonlyArray<FieldDataInput> | undefined
  readonly hash_keys?: ReadonlyArray<number> | undefined
  readonly num_rows?: number | undefined
  readonly schema_timestamp?: number | bigint | undefined
  readonly namespace?: string | undefined
  readonly rls_principal?: string | undefined
  readonly skip_rls?: boolean | undefined
}

/** `milvus.proto.milvus.AddCollectionFieldRequest` as read. */
export type AddCollectionFieldRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly collectionID: bigint
  readonly schema: Uint8Array
}
/** `milvus.proto.milvus.AddCollectionFieldRequest` as written. */
export type AddCollectionFieldRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly collectionID?: number | bigint | undefined
  readonly schema?: Uint8Array | undefined
}

/** `milvus.proto.milvus.AddCollectionStructFieldRequest` as read. */
export type AddCollectionStructFieldRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly collectionID: bigint
  readonly struct_array_field_schema: StructArrayFieldSchema | null
}
/** `milvus.proto.milvus.AddCollectionStructFieldRequest` as written. */
export type AddCollectionStructFieldRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly collectionID?: number | bigint | undefined
  readonly struct_array_field_schema?: StructArrayFieldSchemaInput | null | undefined
}

/** `milvus.proto.milvus.AddCollectionFunctionRequest` as read. */
export type AddCollectionFunctionRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly collectionID: bigint
  readonly functionSchema: FunctionSchema | null
}
/** `milvus.proto.milvus.AddCollectionFunctionRequest` as written. */
export type AddCollectionFunctionRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly collectionID?: number | bigint | undefined
  readonly functionSchema?: FunctionSchemaInput | null | undefined
}

/** `milvus.proto.milvus.AlterCollectionFunctionRequest` as read. */
export type AlterCollectionFunctionRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly collectionID: bigint
  readonly function_name: string
  readonly functionSchema: FunctionSchema | null
}
/** `milvus.proto.milvus.AlterCollectionFunctionRequest` as written. */
export type AlterCollectionFunctionRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly collectionID?: number | bigint | undefined
  readonly function_name?: string | undefined
  readonly functionSchema?: FunctionSchemaInput | null | undefined
}

/** `milvus.proto.milvus.DropCollectionFunctionRequest` as read. */
export type DropCollectionFunctionRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly collectionID: bigint
  readonly function_name: string
}
/** `milvus.proto.milvus.DropCollectionFunctionRequest` as written. */
export type DropCollectionFunctionRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly collectionID?: number | bigint | undefined
  readonly function_name?: string | undefined
}

/** `milvus.proto.milvus.UpsertRequest` as read. */
export type UpsertRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly partition_name: string
  readonly fields_data: ReadonlyArray<FieldData>
  readonly hash_keys: ReadonlyArray<number>
  readonly num_rows: number
  readonly schema_timestamp: bigint
  readonly partial_update: boolean
  readonly namespace?: string
  readonly field_ops: ReadonlyArray<FieldPartialUpdateOp>
  readonly rls_principal: string
  readonly skip_rls: boolean
  readonly _namespace?: "namespace"
}
/** `milvus.proto.milvus.UpsertRequest` as written. */
export type UpsertRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly partition_name?: string | undefined
  readonly fields_data?: ReadonlyArray<FieldDataInput> | undefined
  readonly hash_keys?: ReadonlyArray<number> | undefined
  readonly num_rows?: number | undefined
  readonly schema_timestamp?: number | bigint | undefined
  readonly partial_update?: boolean | undefined
  readonly namespace?: string | undefined
  readonly field_ops?: ReadonlyArray<FieldPartialUpdateOpInput> | undefined
  readonly rls_principal?: string | undefined
  readonly skip_rls?: boolean | undefined
}

/** `milvus.proto.milvus.MutationResult` as read. */
export type MutationResult = {
  readonly status: Status | null
  readonly IDs: IDs | null
  readonly succ_index: ReadonlyArray<number>
  readonly err_index: ReadonlyArray<number>
  readonly acknowledged: boolean
  readonly insert_cnt: bigint
  readonly delete_cnt: bigint
  readonly upsert_cnt: bigint
  readonly timestamp: bigint
}
/** `milvus.proto.milvus.MutationResult` as written. */
export type MutationResultInput = {
  readonly status?: StatusInput | null | undefined
  readonly IDs?: IDsInput | null | undefined
  readonly succ_index?: ReadonlyArray<number> | undefined
  readonly err_index?: ReadonlyArray<number> | undefined
  readonly acknowledged?: boolean | undefined
  readonly insert_cnt?: number | bigint | undefined
  readonly delete_cnt?: number | bigint | undefined
  readonly upsert_cnt?: number | bigint | undefined
  readonly timestamp?: number | bigint | undefined
}

/** `milvus.proto.milvus.DeleteRequest` as read. */
export type DeleteRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly partition_name: string
  readonly expr: string
  readonly hash_keys: ReadonlyArray<number>
  readonly consistency_level: ConsistencyLevel
  readonly expr_template_values: { readonly [key: string]: TemplateValue }
  readonly namespace?: string
  readonly rls_principal: string
  readonly skip_rls: boolean
  readonly _namespace?: "namespace"
}
/** `milvus.proto.milvus.DeleteRequest` as written. */
export type DeleteRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly partition_name?: string | undefined
  readonly expr?: string | undefined
  readonly hash_keys?: ReadonlyArray<number> | undefined
  readonly consistency_level?: ConsistencyLevel | undefined
  readonly expr_template_values?: { readonly [key: string]: TemplateValueInput } | undefined
  readonly namespace?: string | undefined
  readonly rls_principal?: string | undefined
  readonly skip_rls?: boolean | undefined
}

/** `milvus.proto.milvus.SubSearchRequest` as read. */
export type SubSearchRequest = {
  readonly dsl: string
  readonly placeholder_group: Uint8Array
  readonly dsl_type: DslType
  readonly search_params: ReadonlyArray<KeyValuePair>
  readonly nq: bigint
  readonly expr_template_values: { readonly [key: string]: TemplateValue }
  readonly namespace?: string
  readonly function_chains: ReadonlyArray<FunctionChain>
  readonly _namespace?: "namespace"
}
/** `milvus.proto.milvus.SubSearchRequest` as written. */
export type SubSearchRequestInput = {
  readonly dsl?: string | undefined
  readonly placeholder_group?: Uint8Array | undefined
  readonly dsl_type?: DslType | undefined
  readonly search_params?: ReadonlyArray<KeyValuePairInput> | undefined
  readonly nq?: number | bigint | undefined
  readonly expr_template_values?: { readonly [key: string]: TemplateValueInput } | undefined
  readonly namespace?: string | undefined
  readonly function_chains?: ReadonlyArray<FunctionChainInput> | undefined
}

/** `milvus.proto.milvus.SearchRequest` as read. */
export type SearchRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly partition_names: ReadonlyArray<string>
  readonly dsl: string
  readonly placeholder_group?: Uint8Array
  readonly ids?: IDs
  readonly dsl_type: DslType
  readonly output_fields: ReadonlyArray<string>
  readonly search_params: ReadonlyArray<KeyValuePair>
  readonly travel_timestamp: bigint
  readonly guarantee_timestamp: bigint
  readonly nq: bigint
  readonly not_return_all_meta: boolean
  readonly consistency_level: ConsistencyLevel
  readonly use_default_consistency: boolean
  /** @deprecated */
  readonly search_by_primary_keys: boolean
  readonly sub_reqs: ReadonlyArray<SubSearchRequest>
  readonly expr_template_values: { readonly [key: string]: TemplateValue }
  readonly function_score: FunctionScore | null
  readonly namespace?: string
  readonly highlighter: Highlighter | null
  readonly search_aggregation: SearchAggregationSpec | null
  readonly function_chains: ReadonlyArray<FunctionChain>
  readonly rls_principal: string
  readonly skip_rls: boolean
  readonly search_input?: "placeholder_group" | "ids"
  readonly _namespace?: "namespace"
}
/** `milvus.proto.milvus.SearchRequest` as written. */
export type SearchRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly partition_names?: ReadonlyArray<string> | undefined
  readonly dsl?: string | undefined
  readonly placeholder_group?: Uint8Array | undefined
  readonly ids?: IDsInput | null | undefined
  readonly dsl_type?: DslType | undefined
  readonly output_fields?: ReadonlyArray<string> | undefined
  readonly search_params?: ReadonlyArray<KeyValuePairInput> | undefined
  readonly travel_timestamp?: number | bigint | undefined
  readonly guarantee_timestamp?: number | bigint | undefined
  readonly nq?: number | bigint | undefined
  readonly not_return_all_meta?: boolean | undefined
  readonly consistency_level?: ConsistencyLevel | undefined
  readonly use_default_consistency?: boolean | undefined
  /** @deprecated */
  readonly search_by_primary_keys?: boolean | undefined
  readonly sub_reqs?: ReadonlyArray<SubSearchRequestInput> | undefined
  readonly expr_template_values?: { readonly [key: string]: TemplateValueInput } | undefined
  readonly function_score?: FunctionScoreInput | null | undefined
  readonly namespace?: string | undefined
  readonly highlighter?: HighlighterInput | null | undefined
  readonly search_aggregation?: SearchAggregationSpecInput | null | undefined
  readonly function_chains?: ReadonlyArray<FunctionChainInput> | undefined
  readonly rls_principal?: string | undefined
  readonly skip_rls?: boolean | undefined
}

/** `milvus.proto.milvus.SearchResults` as read. */
export type SearchResults = {
  readonly status: Status | null
  readonly results: SearchResultData | null
  readonly collection_name: string
  readonly session_ts: bigint
}
/** `milvus.proto.milvus.SearchResults` as written. */
export type SearchResultsInput = {
  readonly status?: StatusInput | null | undefined
  readonly results?: SearchResultDataInput | null | undefined
  readonly collection_name?: string | undefined
  readonly session_ts?: number | bigint | undefined
}

/** `milvus.proto.milvus.HybridSearchRequest` as read. */
export type HybridSearchRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly partition_names: ReadonlyArray<string>
  readonly requests: ReadonlyArray<SearchRequest>
  readonly rank_params: ReadonlyArray<KeyValuePair>
  readonly travel_timestamp: bigint
  readonly guarantee_timestamp: bigint
  readonly not_return_all_meta: boolean
  readonly output_fields: ReadonlyArray<string>
  readonly consistency_level: ConsistencyLevel
  readonly use_default_consistency: boolean
  readonly function_score: FunctionScore | null
  readonly namespace?: string
  readonly function_chains: ReadonlyArray<FunctionChain>
  readonly rls_principal: string
  readonly skip_rls: boolean
  readonly _namespace?: "namespace"
}
/** `milvus.proto.milvus.HybridSearchRequest` as written. */
export type HybridSearchRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly partition_names?: ReadonlyArray<string> | undefined
  readonly requests?: ReadonlyArray<SearchRequestInput> | undefined
  readonly rank_params?: ReadonlyArray<KeyValuePairInput> | undefined
  readonly travel_timestamp?: number | bigint | undefined
  readonly guarantee_timestamp?: number | bigint | undefined
  readonly not_return_all_meta?: boolean | undefined
  readonly output_fields?: ReadonlyArray<string> | undefined
  readonly consistency_level?: ConsistencyLevel | undefined
  readonly use_default_consistency?: boolean | undefined
  readonly function_score?: FunctionScoreInput | null | undefined
  readonly namespace?: string | undefined
  readonly function_chains?: ReadonlyArray<FunctionChainInput> | undefined
  readonly rls_principal?: string | undefined
  readonly skip_rls?: boolean | undefined
}

/** `milvus.proto.milvus.FlushRequest` as read. */
export type FlushRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_names: ReadonlyArray<string>
}
/** `milvus.proto.milvus.FlushRequest` as written. */
export type FlushRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_names?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.milvus.FlushResponse` as read. */
export type FlushResponse = {
  readonly status: Status | null
  readonly db_name: string
  readonly coll_segIDs: { readonly [key: string]: LongArray }
  readonly flush_coll_segIDs: { readonly [key: string]: LongArray }
  readonly coll_seal_times: { readonly [key: string]: bigint }
  readonly coll_flush_ts: { readonly [key: string]: bigint }
  readonly channel_cps: { readonly [key: string]: MsgPosition }
}
/** `milvus.proto.milvus.FlushResponse` as written. */
export type FlushResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly db_name?: string | undefined
  readonly coll_segIDs?: { readonly [key: string]: LongArrayInput } | undefined
  readonly flush_coll_segIDs?: { readonly [key: string]: LongArrayInput } | undefined
  readonly coll_seal_times?: { readonly [key: string]: number | bigint } | undefined
  readonly coll_flush_ts?: { readonly [key: string]: number | bigint } | undefined
  readonly channel_cps?: { readonly [key: string]: MsgPositionInput } | undefined
}

/** `milvus.proto.milvus.QueryRequest` as read. */
export type QueryRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly expr: string
  readonly output_fields: ReadonlyArray<string>
  readonly partition_names: ReadonlyArray<string>
  readonly travel_timestamp: bigint
  readonly guarantee_timestamp: bigint
  readonly query_params: ReadonlyArray<KeyValuePair>
  readonly not_return_all_meta: boolean
  readonly consistency_level: ConsistencyLevel
  readonly use_default_consistency: boolean
  readonly expr_template_values: { readonly [key: string]: TemplateValue }
  readonly namespace?: string
  readonly rls_principal: string
  readonly skip_rls: boolean
  readonly _namespace?: "namespace"
}
/** `milvus.proto.milvus.QueryRequest` as written. */
export type QueryRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly expr?: string | undefined
  readonly output_fields?: ReadonlyArray<string> | undefined
  readonly partition_names?: ReadonlyArray<string> | undefined
  readonly travel_timestamp?: number | bigint | undefined
  readonly guarantee_timestamp?: number | bigint | undefined
  readonly query_params?: ReadonlyArray<KeyValuePairInput> | undefined
  readonly not_return_all_meta?: boolean | undefined
  readonly consistency_level?: ConsistencyLevel | undefined
  readonly use_default_consistency?: boolean | undefined
  readonly expr_template_values?: { readonly [key: string]: TemplateValueInput } | undefined
  readonly namespace?: string | undefined
  readonly rls_principal?: string | undefined
  readonly skip_rls?: boolean | undefined
}

/** `milvus.proto.milvus.ElementIndices` as read. */
export type ElementIndices = {
  readonly indices: LongArray | null
}
/** `milvus.proto.milvus.ElementIndices` as written. */
export type ElementIndicesInput = {
  readonly indices?: LongArrayInput | null | undefined
}

/** `milvus.proto.milvus.QueryResults` as read. */
export type QueryResults = {
  readonly status: Status | null
  readonly fields_data: ReadonlyArray<FieldData>
  readonly collection_name: string
  readonly output_fields: ReadonlyArray<string>
  readonly session_ts: bigint
  readonly primary_field_name: string
  readonly element_indices: ReadonlyArray<ElementIndices>
}
/** `milvus.proto.milvus.QueryResults` as written. */
export type QueryResultsInput = {
  readonly status?: StatusInput | null | undefined
  readonly fields_data?: ReadonlyArray<FieldDataInput> | undefined
  readonly collection_name?: string | undefined
  readonly output_fields?: ReadonlyArray<string> | undefined
  readonly session_ts?: number | bigint | undefined
  readonly primary_field_name?: string | undefined
  readonly element_indices?: ReadonlyArray<ElementIndicesInput> | undefined
}

/** `milvus.proto.milvus.VectorIDs` as read. */
export type VectorIDs = {
  readonly collection_name: string
  readonly field_name: string
  readonly id_array: IDs | null
  readonly partition_names: ReadonlyArray<string>
}
/** `milvus.proto.milvus.VectorIDs` as written. */
export type VectorIDsInput = {
  readonly collection_name?: string | undefined
  readonly field_name?: string | undefined
  readonly id_array?: IDsInput | null | undefined
  readonly partition_names?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.milvus.VectorsArray` as read. */
export type VectorsArray = {
  readonly id_array?: VectorIDs
  readonly data_array?: VectorField
  readonly array?: "id_array" | "data_array"
}
/** `milvus.proto.milvus.VectorsArray` as written. */
export type VectorsArrayInput = {
  readonly id_array?: VectorIDsInput | null | undefined
  readonly data_array?: VectorFieldInput | null | undefined
}

/** `milvus.proto.milvus.CalcDistanceRequest` as read. */
export type CalcDistanceRequest = {
  readonly base: MsgBase | null
  readonly op_left: VectorsArray | null
  readonly op_right: VectorsArray | null
  readonly params: ReadonlyArray<KeyValuePair>
}
/** `milvus.proto.milvus.CalcDistanceRequest` as written. */
export type CalcDistanceRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly op_left?: VectorsArrayInput | null | undefined
  readonly op_right?: VectorsArrayInput | null | undefined
  readonly params?: ReadonlyArray<KeyValuePairInput> | undefined
}

/** `milvus.proto.milvus.CalcDistanceResults` as read. */
export type CalcDistanceResults = {
  readonly status: Status | null
  readonly int_dist?: IntArray
  readonly float_dist?: FloatArray
  readonly array?: "int_dist" | "float_dist"
}
/** `milvus.proto.milvus.CalcDistanceResults` as written. */
export type CalcDistanceResultsInput = {
  readonly status?: StatusInput | null | undefined
  readonly int_dist?: IntArrayInput | null | undefined
  readonly float_dist?: FloatArrayInput | null | undefined
}

/** `milvus.proto.milvus.FlushAllTarget` as read. */
export type FlushAllTarget = {
  readonly db_name: string
  readonly collection_names: ReadonlyArray<string>
}
/** `milvus.proto.milvus.FlushAllTarget` as written. */
export type FlushAllTargetInput = {
  readonly db_name?: string | undefined
  readonly collection_names?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.milvus.FlushAllRequest` as read. */
export type FlushAllRequest = {
  readonly base: MsgBase | null
  /** @deprecated */
  readonly db_name: string
  /** @deprecated */
  readonly flush_targets: ReadonlyArray<FlushAllTarget>
}
/** `milvus.proto.milvus.FlushAllRequest` as written. */
export type FlushAllRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  /** @deprecated */
  readonly db_name?: string | undefined
  /** @deprecated */
  readonly flush_targets?: ReadonlyArray<FlushAllTargetInput> | undefined
}

/** `milvus.proto.milvus.ClusterInfo` as read. */
export type ClusterInfo = {
  readonly cluster_id: string
  readonly cchannel: string
  readonly pchannels: ReadonlyArray<string>
}
/** `milvus.proto.milvus.ClusterInfo` as written. */
export type ClusterInfoInput = {
  readonly cluster_id?: string | undefined
  readonly cchannel?: string | undefined
  readonly pchannels?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.milvus.FlushAllResponse` as read. */
export type FlushAllResponse = {
  readonly status: Status | null
  /** @deprecated */
  readonly flush_all_ts: bigint
  /** @deprecated */
  readonly flush_results: ReadonlyArray<FlushAllResult>
  readonly flush_all_msgs: { readonly [key: string]: ImmutableMessage }
  readonly cluster_info: ClusterInfo | null
}
/** `milvus.proto.milvus.FlushAllResponse` as written. */
export type FlushAllResponseInput = {
  readonly status?: StatusInput | null | undefined
  /** @deprecated */
  readonly flush_all_ts?: number | bigint | undefined
  /** @deprecated */
  readonly flush_results?: ReadonlyArray<FlushAllResultInput> | undefined
  readonly flush_all_msgs?: { readonly [key: string]: ImmutableMessageInput } | undefined
  readonly cluster_info?: ClusterInfoInput | null | undefined
}

/** `milvus.proto.milvus.FlushAllResult` as read. */
export type FlushAllResult = {
  readonly db_name: string
  readonly collection_results: ReadonlyArray<FlushCollectionResult>
}
/** `milvus.proto.milvus.FlushAllResult` as written. */
export type FlushAllResultInput = {
  readonly db_name?: string | undefined
  readonly collection_results?: ReadonlyArray<FlushCollectionResultInput> | undefined
}

/** `milvus.proto.milvus.FlushCollectionResult` as read. */
export type FlushCollectionResult = {
  readonly collection_name: string
  readonly segment_ids: LongArray | null
  readonly flush_segment_ids: LongArray | null
  readonly seal_time: bigint
  readonly flush_ts: bigint
  readonly channel_cps: { readonly [key: string]: MsgPosition }
}
/** `milvus.proto.milvus.FlushCollectionResult` as written. */
export type FlushCollectionResultInput = {
  readonly collection_name?: string | undefined
  readonly segment_ids?: LongArrayInput | null | undefined
  readonly flush_segment_ids?: LongArrayInput | null | undefined
  readonly seal_time?: number | bigint | undefined
  readonly flush_ts?: number | bigint | undefined
  readonly channel_cps?: { readonly [key: string]: MsgPositionInput } | undefined
}

/** `milvus.proto.milvus.PersistentSegmentInfo` as read. */
export type PersistentSegmentInfo = {
  readonly segmentID: bigint
  readonly collectionID: bigint
  readonly partitionID: bigint
  readonly num_rows: bigint
  readonly state: SegmentState
  readonly level: SegmentLevel
  readonly is_sorted: boolean
  readonly storage_version: bigint
  readonly insert_channel: string
  readonly compaction_from: ReadonlyArray<bigint>
}
/** `milvus.proto.milvus.PersistentSegmentInfo` as written. */
export type PersistentSegmentInfoInput = {
  readonly segmentID?: number | bigint | undefined
  readonly collectionID?: number | bigint | undefined
  readonly partitionID?: number | bigint | undefined
  readonly num_rows?: number | bigint | undefined
  readonly state?: SegmentState | undefined
  readonly level?: SegmentLevel | undefined
  readonly is_sorted?: boolean | undefined
  readonly storage_version?: number | bigint | undefined
  readonly insert_channel?: string | undefined
  readonly compaction_from?: ReadonlyArray<number | bigint> | undefined
}

/** `milvus.proto.milvus.GetPersistentSegmentInfoRequest` as read. */
export type GetPersistentSegmentInfoRequest = {
  readonly base: MsgBase | null
  readonly dbName: string
  readonly collectionName: string
  readonly states: ReadonlyArray<SegmentState>
}
/** `milvus.proto.milvus.GetPersistentSegmentInfoRequest` as written. */
export type GetPersistentSegmentInfoRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly dbName?: string | undefined
  readonly collectionName?: string | undefined
  readonly states?: ReadonlyArray<SegmentState> | undefined
}

/** `milvus.proto.milvus.GetPersistentSegmentInfoResponse` as read. */
export type GetPersistentSegmentInfoResponse = {
  readonly status: Status | null
  readonly infos: ReadonlyArray<PersistentSegmentInfo>
}
/** `milvus.proto.milvus.GetPersistentSegmentInfoResponse` as written. */
export type GetPersistentSegmentInfoResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly infos?: ReadonlyArray<PersistentSegmentInfoInput> | undefined
}

/** `milvus.proto.milvus.QuerySegmentInfo` as read. */
export type QuerySegmentInfo = {
  readonly segmentID: bigint
  readonly collectionID: bigint
  readonly partitionID: bigint
  readonly mem_size: bigint
  readonly num_rows: bigint
  readonly index_name: string
  readonly indexID: bigint
  /** @deprecated */
  readonly nodeID: bigint
  readonly state: SegmentState
  readonly nodeIds: ReadonlyArray<bigint>
  readonly level: SegmentLevel
  readonly is_sorted: boolean
  readonly storage_version: bigint
}
/** `milvus.proto.milvus.QuerySegmentInfo` as written. */
export type QuerySegmentInfoInput = {
  readonly segmentID?: number | bigint | undefined
  readonly collectionID?: number | bigint | undefined
  readonly partitionID?: number | bigint | undefined
  readonly mem_size?: number | bigint | undefined
  readonly num_rows?: number | bigint | undefined
  readonly index_name?: string | undefined
  readonly indexID?: number | bigint | undefined
  /** @deprecated */
  readonly nodeID?: number | bigint | undefined
  readonly state?: SegmentState | undefined
  readonly nodeIds?: ReadonlyArray<number | bigint> | undefined
  readonly level?: SegmentLevel | undefined
  readonly is_sorted?: boolean | undefined
  readonly storage_version?: number | bigint | undefined
}

/** `milvus.proto.milvus.GetQuerySegmentInfoRequest` as read. */
export type GetQuerySegmentInfoRequest = {
  readonly base: MsgBase | null
  readonly dbName: string
  readonly collectionName: string
}
/** `milvus.proto.milvus.GetQuerySegmentInfoRequest` as written. */
export type GetQuerySegmentInfoRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly dbName?: string | undefined
  readonly collectionName?: string | undefined
}

/** `milvus.proto.milvus.GetQuerySegmentInfoResponse` as read. */
export type GetQuerySegmentInfoResponse = {
  readonly status: Status | null
  readonly infos: ReadonlyArray<QuerySegmentInfo>
}
/** `milvus.proto.milvus.GetQuerySegmentInfoResponse` as written. */
export type GetQuerySegmentInfoResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly infos?: ReadonlyArray<QuerySegmentInfoInput> | undefined
}

/** `milvus.proto.milvus.DummyRequest` as read. */
export type DummyRequest = {
  readonly request_type: string
}
/** `milvus.proto.milvus.DummyRequest` as written. */
export type DummyRequestInput = {
  readonly request_type?: string | undefined
}

/** `milvus.proto.milvus.DummyResponse` as read. */
export type DummyResponse = {
  readonly response: string
}
/** `milvus.proto.milvus.DummyResponse` as written. */
export type DummyResponseInput = {
  readonly response?: string | undefined
}

/** `milvus.proto.milvus.RegisterLinkRequest` as read. */
export type RegisterLinkRequest = {
  readonly [field: string]: never
}
/** `milvus.proto.milvus.RegisterLinkRequest` as written. */
export type RegisterLinkRequestInput = {
  readonly [field: string]: never
}

/** `milvus.proto.milvus.RegisterLinkResponse` as read. */
export type RegisterLinkResponse = {
  readonly address: Address | null
  readonly status: Status | null
}
/** `milvus.proto.milvus.RegisterLinkResponse` as written. */
export type RegisterLinkResponseInput = {
  readonly address?: AddressInput | null | undefined
  readonly status?: StatusInput | null | undefined
}

/** `milvus.proto.milvus.GetMetricsRequest` as read. */
export type GetMetricsRequest = {
  readonly base: MsgBase | null
  readonly request: string
}
/** `milvus.proto.milvus.GetMetricsRequest` as written. */
export type GetMetricsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly request?: string | undefined
}

/** `milvus.proto.milvus.GetMetricsResponse` as read. */
export type GetMetricsResponse = {
  readonly status: Status | null
  readonly response: string
  readonly component_name: string
}
/** `milvus.proto.milvus.GetMetricsResponse` as written. */
export type GetMetricsResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly response?: string | undefined
  readonly component_name?: string | undefined
}

/** `milvus.proto.milvus.ComponentInfo` as read. */
export type ComponentInfo = {
  readonly nodeID: bigint
  readonly role: string
  readonly state_code: StateCode
  readonly extra_info: ReadonlyArray<KeyValuePair>
}
/** `milvus.proto.milvus.ComponentInfo` as written. */
export type ComponentInfoInput = {
  readonly nodeID?: number | bigint | undefined
  readonly role?: string | undefined
  readonly state_code?: StateCode | undefined
  readonly extra_info?: ReadonlyArray<KeyValuePairInput> | undefined
}

/** `milvus.proto.milvus.ComponentStates` as read. */
export type ComponentStates = {
  readonly state: ComponentInfo | null
  readonly subcomponent_states: ReadonlyArray<ComponentInfo>
  readonly status: Status | null
}
/** `milvus.proto.milvus.ComponentStates` as written. */
export type ComponentStatesInput = {
  readonly state?: ComponentInfoInput | null | undefined
  readonly subcomponent_states?: ReadonlyArray<ComponentInfoInput> | undefined
  readonly status?: StatusInput | null | undefined
}

/** `milvus.proto.milvus.GetComponentStatesRequest` as read. */
export type GetComponentStatesRequest = {
  readonly [field: string]: never
}
/** `milvus.proto.milvus.GetComponentStatesRequest` as written. */
export type GetComponentStatesRequestInput = {
  readonly [field: string]: never
}

/** `milvus.proto.milvus.LoadBalanceRequest` as read. */
export type LoadBalanceRequest = {
  readonly base: MsgBase | null
  readonly src_nodeID: bigint
  readonly dst_nodeIDs: ReadonlyArray<bigint>
  readonly sealed_segmentIDs: ReadonlyArray<bigint>
  readonly collectionName: string
  readonly db_name: string
}
/** `milvus.proto.milvus.LoadBalanceRequest` as written. */
export type LoadBalanceRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly src_nodeID?: number | bigint | undefined
  readonly dst_nodeIDs?: ReadonlyArray<number | bigint> | undefined
  readonly sealed_segmentIDs?: ReadonlyArray<number | bigint> | undefined
  readonly collectionName?: string | undefined
  readonly db_name?: string | undefined
}

/** `milvus.proto.milvus.ManualCompactionRequest` as read. */
export type ManualCompactionRequest = {
  readonly collectionID: bigint
  readonly timetravel: bigint
  readonly majorCompaction: boolean
  readonly collection_name: string
  readonly db_name: string
  readonly partition_id: bigint
  readonly channel: string
  readonly segment_ids: ReadonlyArray<bigint>
  readonly l0Compaction: boolean
  readonly target_size: bigint
}
/** `milvus.proto.milvus.ManualCompactionRequest` as written. */
export type ManualCompactionRequestInput = {
  readonly collectionID?: number | bigint | undefined
  readonly timetravel?: number | bigint | undefined
  readonly majorCompaction?: boolean | undefined
  readonly collection_name?: string | undefined
  readonly db_name?: string | undefined
  readonly partition_id?: number | bigint | undefined
  readonly channel?: string | undefined
  readonly segment_ids?: ReadonlyArray<number | bigint> | undefined
  readonly l0Compaction?: boolean | undefined
  readonly target_size?: number | bigint | undefined
}

/** `milvus.proto.milvus.ManualCompactionResponse` as read. */
export type ManualCompactionResponse = {
  readonly status: Status | null
  readonly compactionID: bigint
  readonly compactionPlanCount: number
}
/** `milvus.proto.milvus.ManualCompactionResponse` as written. */
export type ManualCompactionResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly compactionID?: number | bigint | undefined
  readonly compactionPlanCount?: number | undefined
}

/** `milvus.proto.milvus.GetCompactionStateRequest` as read. */
export type GetCompactionStateRequest = {
  readonly compactionID: bigint
}
/** `milvus.proto.milvus.GetCompactionStateRequest` as written. */
export type GetCompactionStateRequestInput = {
  readonly compactionID?: number | bigint | undefined
}

/** `milvus.proto.milvus.GetCompactionStateResponse` as read. */
export type GetCompactionStateResponse = {
  readonly status: Status | null
  readonly state: CompactionState
  readonly executingPlanNo: bigint
  readonly timeoutPlanNo: bigint
  readonly completedPlanNo: bigint
  readonly failedPlanNo: bigint
}
/** `milvus.proto.milvus.GetCompactionStateResponse` as written. */
export type GetCompactionStateResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly state?: CompactionState | undefined
  readonly executingPlanNo?: number | bigint | undefined
  readonly timeoutPlanNo?: number | bigint | undefined
  readonly completedPlanNo?: number | bigint | undefined
  readonly failedPlanNo?: number | bigint | undefined
}

/** `milvus.proto.milvus.GetCompactionPlansRequest` as read. */
export type GetCompactionPlansRequest = {
  readonly compactionID: bigint
  readonly db_name: string
  readonly collection_name: string
  readonly collection_id: bigint
}
/** `milvus.proto.milvus.GetCompactionPlansRequest` as written. */
export type GetCompactionPlansRequestInput = {
  readonly compactionID?: number | bigint | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly collection_id?: number | bigint | undefined
}

/** `milvus.proto.milvus.GetCompactionPlansResponse` as read. */
export type GetCompactionPlansResponse = {
  readonly status: Status | null
  readonly state: CompactionState
  readonly mergeInfos: ReadonlyArray<CompactionMergeInfo>
}
/** `milvus.proto.milvus.GetCompactionPlansResponse` as written. */
export type GetCompactionPlansResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly state?: CompactionState | undefined
  readonly mergeInfos?: ReadonlyArray<CompactionMergeInfoInput> | undefined
}

/** `milvus.proto.milvus.CompactionMergeInfo` as read. */
export type CompactionMergeInfo = {
  readonly sources: ReadonlyArray<bigint>
  readonly target: bigint
  readonly plan_id: bigint
  readonly trigger_id: bigint
  readonly collection_id: bigint
  readonly partition_id: bigint
  readonly channel: string
  readonly type: CompactionType
  readonly state: CompactionTaskState
  readonly failure_reason: string
  readonly targets: ReadonlyArray<bigint>
}
/** `milvus.proto.milvus.CompactionMergeInfo` as written. */
export type CompactionMergeInfoInput = {
  readonly sources?: ReadonlyArray<number | bigint> | undefined
  readonly target?: number | bigint | undefined
  readonly plan_id?: number | bigint | undefined
  readonly trigger_id?: number | bigint | undefined
  readonly collection_id?: number | bigint | undefined
  readonly partition_id?: number | bigint | undefined
  readonly channel?: string | undefined
  readonly type?: CompactionType | undefined
  readonly state?: CompactionTaskState | undefined
  readonly failure_reason?: string | undefined
  readonly targets?: ReadonlyArray<number | bigint> | undefined
}

/** `milvus.proto.milvus.GetFlushStateRequest` as read. */
export type GetFlushStateRequest = {
  readonly segmentIDs: ReadonlyArray<bigint>
  readonly flush_ts: bigint
  readonly db_name: string
  readonly collection_name: string
}
/** `milvus.proto.milvus.GetFlushStateRequest` as written. */
export type GetFlushStateRequestInput = {
  readonly segmentIDs?: ReadonlyArray<number | bigint> | undefined
  readonly flush_ts?: number | bigint | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
}

/** `milvus.proto.milvus.GetFlushStateResponse` as read. */
export type GetFlushStateResponse = {
  readonly status: Status | null
  readonly flushed: boolean
}
/** `milvus.proto.milvus.GetFlushStateResponse` as written. */
export type GetFlushStateResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly flushed?: boolean | undefined
}

/** `milvus.proto.milvus.GetFlushAllStateRequest` as read. */
export type GetFlushAllStateRequest = {
  readonly base: MsgBase | null
  /** @deprecated */
  readonly flush_all_ts: bigint
  /** @deprecated */
  readonly db_name: string
  /** @deprecated */
  readonly flush_targets: ReadonlyArray<FlushAllTarget>
  readonly flush_all_tss: { readonly [key: string]: bigint }
}
/** `milvus.proto.milvus.GetFlushAllStateRequest` as written. */
export type GetFlushAllStateRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  /** @deprecated */
  readonly flush_all_ts?: number | bigint | undefined
  /** @deprecated */
  readonly db_name?: string | undefined
  /** @deprecated */
  readonly flush_targets?: ReadonlyArray<FlushAllTargetInput> | undefined
  readonly flush_all_tss?: { readonly [key: string]: number | bigint } | undefined
}

/** `milvus.proto.milvus.GetFlushAllStateResponse` as read. */
export type GetFlushAllStateResponse = {
  readonly status: Status | null
  readonly flushed: boolean
  /** @deprecated */
  readonly flush_states: ReadonlyArray<FlushAllState>
}
/** `milvus.proto.milvus.GetFlushAllStateResponse` as written. */
export type GetFlushAllStateResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly flushed?: boolean | undefined
  /** @deprecated */
  readonly flush_states?: ReadonlyArray<FlushAllStateInput> | undefined
}

/** `milvus.proto.milvus.FlushAllState` as read. */
export type FlushAllState = {
  readonly db_name: string
  readonly collection_flush_states: { readonly [key: string]: boolean }
}
/** `milvus.proto.milvus.FlushAllState` as written. */
export type FlushAllStateInput = {
  readonly db_name?: string | undefined
  readonly collection_flush_states?: { readonly [key: string]: boolean } | undefined
}

/** `milvus.proto.milvus.ImportRequest` as read. */
export type ImportRequest = {
  readonly collection_name: string
  readonly partition_name: string
  readonly channel_names: ReadonlyArray<string>
  readonly row_based: boolean
  readonly files: ReadonlyArray<string>
  readonly options: ReadonlyArray<KeyValuePair>
  readonly db_name: string
  readonly clustering_info: Uint8Array
}
/** `milvus.proto.milvus.ImportRequest` as written. */
export type ImportRequestInput = {
  readonly collection_name?: string | undefined
  readonly partition_name?: string | undefined
  readonly channel_names?: ReadonlyArray<string> | undefined
  readonly row_based?: boolean | undefined
  readonly files?: ReadonlyArray<string> | undefined
  readonly options?: ReadonlyArray<KeyValuePairInput> | undefined
  readonly db_name?: string | undefined
  readonly clustering_info?: Uint8Array | undefined
}

/** `milvus.proto.milvus.ImportResponse` as read. */
export type ImportResponse = {
  readonly status: Status | null
  readonly tasks: ReadonlyArray<bigint>
}
/** `milvus.proto.milvus.ImportResponse` as written. */
export type ImportResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly tasks?: ReadonlyArray<number | bigint> | undefined
}

/** `milvus.proto.milvus.GetImportStateRequest` as read. */
export type GetImportStateRequest = {
  readonly task: bigint
}
/** `milvus.proto.milvus.GetImportStateRequest` as written. */
export type GetImportStateRequestInput = {
  readonly task?: number | bigint | undefined
}

/** `milvus.proto.milvus.GetImportStateResponse` as read. */
export type GetImportStateResponse = {
  readonly status: Status | null
  readonly state: ImportState
  readonly row_count: bigint
  readonly id_list: ReadonlyArray<bigint>
  readonly infos: ReadonlyArray<KeyValuePair>
  readonly id: bigint
  readonly collection_id: bigint
  readonly segment_ids: ReadonlyArray<bigint>
  readonly create_ts: bigint
}
/** `milvus.proto.milvus.GetImportStateResponse` as written. */
export type GetImportStateResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly state?: ImportState | undefined
  readonly row_count?: number | bigint | undefined
  readonly id_list?: ReadonlyArray<number | bigint> | undefined
  readonly infos?: ReadonlyArray<KeyValuePairInput> | undefined
  readonly id?: number | bigint | undefined
  readonly collection_id?: number | bigint | undefined
  readonly segment_ids?: ReadonlyArray<number | bigint> | undefined
  readonly create_ts?: number | bigint | undefined
}

/** `milvus.proto.milvus.ListImportTasksRequest` as read. */
export type ListImportTasksRequest = {
  readonly collection_name: string
  readonly limit: bigint
  readonly db_name: string
}
/** `milvus.proto.milvus.ListImportTasksRequest` as written. */
export type ListImportTasksRequestInput = {
  readonly collection_name?: string | undefined
  readonly limit?: number | bigint | undefined
  readonly db_name?: string | undefined
}

/** `milvus.proto.milvus.ListImportTasksResponse` as read. */
export type ListImportTasksResponse = {
  readonly status: Status | null
  readonly tasks: ReadonlyArray<GetImportStateResponse>
}
/** `milvus.proto.milvus.ListImportTasksResponse` as written. */
export type ListImportTasksResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly tasks?: ReadonlyArray<GetImportStateResponseInput> | undefined
}

/** `milvus.proto.milvus.GetReplicasRequest` as read. */
export type GetReplicasRequest = {
  readonly base: MsgBase | null
  readonly collectionID: bigint
  readonly with_shard_nodes: boolean
  readonly collection_name: string
  readonly db_name: string
}
/** `milvus.proto.milvus.GetReplicasRequest` as written. */
export type GetReplicasRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly collectionID?: number | bigint | undefined
  readonly with_shard_nodes?: boolean | undefined
  readonly collection_name?: string | undefined
  readonly db_name?: string | undefined
}

/** `milvus.proto.milvus.GetReplicasResponse` as read. */
export type GetReplicasResponse = {
  readonly status: Status | null
  readonly replicas: ReadonlyArray<ReplicaInfo>
}
/** `milvus.proto.milvus.GetReplicasResponse` as written. */
export type GetReplicasResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly replicas?: ReadonlyArray<ReplicaInfoInput> | undefined
}

/** `milvus.proto.milvus.ReplicaInfo` as read. */
export type ReplicaInfo = {
  readonly replicaID: bigint
  readonly collectionID: bigint
  readonly partition_ids: ReadonlyArray<bigint>
  readonly shard_replicas: ReadonlyArray<ShardReplica>
  readonly node_ids: ReadonlyArray<bigint>
  readonly resource_group_name: string
  readonly num_outbound_node: { readonly [key: string]: number }
}
/** `milvus.proto.milvus.ReplicaInfo` as written. */
export type ReplicaInfoInput = {
  readonly replicaID?: number | bigint | undefined
  readonly collectionID?: number | bigint | undefined
  readonly partition_ids?: ReadonlyArray<number | bigint> | undefined
  readonly shard_replicas?: ReadonlyArray<ShardReplicaInput> | undefined
  readonly node_ids?: ReadonlyArray<number | bigint> | undefined
  readonly resource_group_name?: string | undefined
  readonly num_outbound_node?: { readonly [key: string]: number } | undefined
}

/** `milvus.proto.milvus.ShardReplica` as read. */
export type ShardReplica = {
  readonly leaderID: bigint
  readonly leader_addr: string
  readonly dm_channel_name: string
  readonly node_ids: ReadonlyArray<bigint>
}
/** `milvus.proto.milvus.ShardReplica` as written. */
export type ShardReplicaInput = {
  readonly leaderID?: number | bigint | undefined
  readonly leader_addr?: string | undefined
  readonly dm_channel_name?: string | undefined
  readonly node_ids?: ReadonlyArray<number | bigint> | undefined
}

/** `milvus.proto.milvus.CreateCredentialRequest` as read. */
export type CreateCredentialRequest = {
  readonly base: MsgBase | null
  readonly username: string
  readonly password: string
  readonly created_utc_timestamps: bigint
  readonly modified_utc_timestamps: bigint
  readonly description?: string
  readonly _description?: "description"
}
/** `milvus.proto.milvus.CreateCredentialRequest` as written. */
export type CreateCredentialRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly created_utc_timestamps?: number | bigint | undefined
  readonly modified_utc_timestamps?: number | bigint | undefined
  readonly description?: string | undefined
}

/** `milvus.proto.milvus.UpdateCredentialRequest` as read. */
export type UpdateCredentialRequest = {
  readonly base: MsgBase | null
  readonly username: string
  readonly oldPassword: string
  readonly newPassword: string
  readonly created_utc_timestamps: bigint
  readonly modified_utc_timestamps: bigint
  readonly description?: string
  readonly _description?: "description"
}
/** `milvus.proto.milvus.UpdateCredentialRequest` as written. */
export type UpdateCredentialRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly username?: string | undefined
  readonly oldPassword?: string | undefined
  readonly newPassword?: string | undefined
  readonly created_utc_timestamps?: number | bigint | undefined
  readonly modified_utc_timestamps?: number | bigint | undefined
  readonly description?: string | undefined
}

/** `milvus.proto.milvus.DeleteCredentialRequest` as read. */
export type DeleteCredentialRequest = {
  readonly base: MsgBase | null
  readonly username: string
}
/** `milvus.proto.milvus.DeleteCredentialRequest` as written. */
export type DeleteCredentialRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly username?: string | undefined
}

/** `milvus.proto.milvus.ListCredUsersResponse` as read. */
export type ListCredUsersResponse = {
  readonly status: Status | null
  readonly usernames: ReadonlyArray<string>
}
/** `milvus.proto.milvus.ListCredUsersResponse` as written. */
export type ListCredUsersResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly usernames?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.milvus.ListCredUsersRequest` as read. */
export type ListCredUsersRequest = {
  readonly base: MsgBase | null
}
/** `milvus.proto.milvus.ListCredUsersRequest` as written. */
export type ListCredUsersRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
}

/** `milvus.proto.milvus.RoleEntity` as read. */
export type RoleEntity = {
  readonly name: string
  readonly description: string
}
/** `milvus.proto.milvus.RoleEntity` as written. */
export type RoleEntityInput = {
  readonly name?: string | undefined
  readonly description?: string | undefined
}

/** `milvus.proto.milvus.UserEntity` as read. */
export type UserEntity = {
  readonly name: string
}
/** `milvus.proto.milvus.UserEntity` as written. */
export type UserEntityInput = {
  readonly name?: string | undefined
}

/** `milvus.proto.milvus.CreateRoleRequest` as read. */
export type CreateRoleRequest = {
  readonly base: MsgBase | null
  readonly entity: RoleEntity | null
}
/** `milvus.proto.milvus.CreateRoleRequest` as written. */
export type CreateRoleRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly entity?: RoleEntityInput | null | undefined
}

/** `milvus.proto.milvus.AlterRoleRequest` as read. */
export type AlterRoleRequest = {
  readonly base: MsgBase | null
  readonly role_name: string
  readonly description: string
}
/** `milvus.proto.milvus.AlterRoleRequest` as written. */
export type AlterRoleRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly role_name?: string | undefined
  readonly description?: string | undefined
}

/** `milvus.proto.milvus.DropRoleRequest` as read. */
export type DropRoleRequest = {
  readonly base: MsgBase | null
  readonly role_name: string
  readonly force_drop: boolean
}
/** `milvus.proto.milvus.DropRoleRequest` as written. */
export type DropRoleRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly role_name?: string | undefined
  readonly force_drop?: boolean | undefined
}

/** `milvus.proto.milvus.CreatePrivilegeGroupRequest` as read. */
export type CreatePrivilegeGroupRequest = {
  readonly base: MsgBase | null
  readonly group_name: string
}
/** `milvus.proto.milvus.CreatePrivilegeGroupRequest` as written. */
export type CreatePrivilegeGroupRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly group_name?: string | undefined
}

/** `milvus.proto.milvus.DropPrivilegeGroupRequest` as read. */
export type DropPrivilegeGroupRequest = {
  readonly base: MsgBase | null
  readonly group_name: string
}
/** `milvus.proto.milvus.DropPrivilegeGroupRequest` as written. */
export type DropPrivilegeGroupRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly group_name?: string | undefined
}

/** `milvus.proto.milvus.ListPrivilegeGroupsRequest` as read. */
export type ListPrivilegeGroupsRequest = {
  readonly base: MsgBase | null
}
/** `milvus.proto.milvus.ListPrivilegeGroupsRequest` as written. */
export type ListPrivilegeGroupsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
}

/** `milvus.proto.milvus.ListPrivilegeGroupsResponse` as read. */
export type ListPrivilegeGroupsResponse = {
  readonly status: Status | null
  readonly privilege_groups: ReadonlyArray<PrivilegeGroupInfo>
}
/** `milvus.proto.milvus.ListPrivilegeGroupsResponse` as written. */
export type ListPrivilegeGroupsResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly privilege_groups?: ReadonlyArray<PrivilegeGroupInfoInput> | undefined
}

/** `milvus.proto.milvus.OperatePrivilegeGroupRequest` as read. */
export type OperatePrivilegeGroupRequest = {
  readonly base: MsgBase | null
  readonly group_name: string
  readonly privileges: ReadonlyArray<PrivilegeEntity>
  readonly type: OperatePrivilegeGroupType
}
/** `milvus.proto.milvus.OperatePrivilegeGroupRequest` as written. */
export type OperatePrivilegeGroupRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly group_name?: string | undefined
  readonly privileges?: ReadonlyArray<PrivilegeEntityInput> | undefined
  readonly type?: OperatePrivilegeGroupType | undefined
}

/** `milvus.proto.milvus.OperateUserRoleRequest` as read. */
export type OperateUserRoleRequest = {
  readonly base: MsgBase | null
  readonly username: string
  readonly role_name: string
  readonly type: OperateUserRoleType
}
/** `milvus.proto.milvus.OperateUserRoleRequest` as written. */
export type OperateUserRoleRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly username?: string | undefined
  readonly role_name?: string | undefined
  readonly type?: OperateUserRoleType | undefined
}

/** `milvus.proto.milvus.PrivilegeGroupInfo` as read. */
export type PrivilegeGroupInfo = {
  readonly group_name: string
  readonly privileges: ReadonlyArray<PrivilegeEntity>
}
/** `milvus.proto.milvus.PrivilegeGroupInfo` as written. */
export type PrivilegeGroupInfoInput = {
  readonly group_name?: string | undefined
  readonly privileges?: ReadonlyArray<PrivilegeEntityInput> | undefined
}

/** `milvus.proto.milvus.SelectRoleRequest` as read. */
export type SelectRoleRequest = {
  readonly base: MsgBase | null
  readonly role: RoleEntity | null
  readonly include_user_info: boolean
}
/** `milvus.proto.milvus.SelectRoleRequest` as written. */
export type SelectRoleRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly role?: RoleEntityInput | null | undefined
  readonly include_user_info?: boolean | undefined
}

/** `milvus.proto.milvus.RoleResult` as read. */
export type RoleResult = {
  readonly role: RoleEntity | null
  readonly users: ReadonlyArray<UserEntity>
}
/** `milvus.proto.milvus.RoleResult` as written. */
export type RoleResultInput = {
  readonly role?: RoleEntityInput | null | undefined
  readonly users?: ReadonlyArray<UserEntityInput> | undefined
}

/** `milvus.proto.milvus.SelectRoleResponse` as read. */
export type SelectRoleResponse = {
  readonly status: Status | null
  readonly results: ReadonlyArray<RoleResult>
}
/** `milvus.proto.milvus.SelectRoleResponse` as written. */
export type SelectRoleResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly results?: ReadonlyArray<RoleResultInput> | undefined
}

/** `milvus.proto.milvus.SelectUserRequest` as read. */
export type SelectUserRequest = {
  readonly base: MsgBase | null
  readonly user: UserEntity | null
  readonly include_role_info: boolean
}
/** `milvus.proto.milvus.SelectUserRequest` as written. */
export type SelectUserRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly user?: UserEntityInput | null | undefined
  readonly include_role_info?: boolean | undefined
}

/** `milvus.proto.milvus.UserResult` as read. */
export type UserResult = {
  readonly user: UserEntity | null
  readonly roles: ReadonlyArray<RoleEntity>
  readonly description: string
}
/** `milvus.proto.milvus.UserResult` as written. */
export type UserResultInput = {
  readonly user?: UserEntityInput | null | undefined
  readonly roles?: ReadonlyArray<RoleEntityInput> | undefined
  readonly description?: string | undefined
}

/** `milvus.proto.milvus.SelectUserResponse` as read. */
export type SelectUserResponse = {
  readonly status: Status | null
  readonly results: ReadonlyArray<UserResult>
}
/** `milvus.proto.milvus.SelectUserResponse` as written. */
export type SelectUserResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly results?: ReadonlyArray<UserResultInput> | undefined
}

/** `milvus.proto.milvus.ObjectEntity` as read. */
export type ObjectEntity = {
  readonly name: string
}
/** `milvus.proto.milvus.ObjectEntity` as written. */
export type ObjectEntityInput = {
  readonly name?: string | undefined
}

/** `milvus.proto.milvus.PrivilegeEntity` as read. */
export type PrivilegeEntity = {
  readonly name: string
}
/** `milvus.proto.milvus.PrivilegeEntity` as written. */
export type PrivilegeEntityInput = {
  readonly name?: string | undefined
}

/** `milvus.proto.milvus.GrantorEntity` as read. */
export type GrantorEntity = {
  readonly user: UserEntity | null
  readonly privilege: PrivilegeEntity | null
}
/** `milvus.proto.milvus.GrantorEntity` as written. */
export type GrantorEntityInput = {
  readonly user?: UserEntityInput | null | undefined
  readonly privilege?: PrivilegeEntityInput | null | undefined
}

/** `milvus.proto.milvus.GrantEntity` as read. */
export type GrantEntity = {
  readonly role: RoleEntity | null
  readonly object: ObjectEntity | null
  readonly object_name: string
  readonly grantor: GrantorEntity | null
  readonly db_name: string
}
/** `milvus.proto.milvus.GrantEntity` as written. */
export type GrantEntityInput = {
  readonly role?: RoleEntityInput | null | undefined
  readonly object?: ObjectEntityInput | null | undefined
  readonly object_name?: string | undefined
  readonly grantor?: GrantorEntityInput | null | undefined
  readonly db_name?: string | undefined
}

/** `milvus.proto.milvus.SelectGrantRequest` as read. */
export type SelectGrantRequest = {
  readonly base: MsgBase | null
  readonly entity: GrantEntity | null
}
/** `milvus.proto.milvus.SelectGrantRequest` as written. */
export type SelectGrantRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly entity?: GrantEntityInput | null | undefined
}

/** `milvus.proto.milvus.SelectGrantResponse` as read. */
export type SelectGrantResponse = {
  readonly status: Status | null
  readonly entities: ReadonlyArray<GrantEntity>
}
/** `milvus.proto.milvus.SelectGrantResponse` as written. */
export type SelectGrantResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly entities?: ReadonlyArray<GrantEntityInput> | undefined
}

/** `milvus.proto.milvus.OperatePrivilegeRequest` as read. */
export type OperatePrivilegeRequest = {
  readonly base: MsgBase | null
  readonly entity: GrantEntity | null
  readonly type: OperatePrivilegeType
  readonly version: string
}
/** `milvus.proto.milvus.OperatePrivilegeRequest` as written. */
export type OperatePrivilegeRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly entity?: GrantEntityInput | null | undefined
  readonly type?: OperatePrivilegeType | undefined
  readonly version?: string | undefined
}

/** `milvus.proto.milvus.OperatePrivilegeV2Request` as read. */
export type OperatePrivilegeV2Request = {
  readonly base: MsgBase | null
  readonly role: RoleEntity | null
  readonly grantor: GrantorEntity | null
  readonly type: OperatePrivilegeType
  readonly db_name: string
  readonly collection_name: string
}
/** `milvus.proto.milvus.OperatePrivilegeV2Request` as written. */
export type OperatePrivilegeV2RequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly role?: RoleEntityInput | null | undefined
  readonly grantor?: GrantorEntityInput | null | undefined
  readonly type?: OperatePrivilegeType | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
}

/** `milvus.proto.milvus.UserInfo` as read. */
export type UserInfo = {
  readonly user: string
  readonly password: string
  readonly roles: ReadonlyArray<RoleEntity>
}
/** `milvus.proto.milvus.UserInfo` as written. */
export type UserInfoInput = {
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly roles?: ReadonlyArray<RoleEntityInput> | undefined
}

/** `milvus.proto.milvus.RBACMeta` as read. */
export type RBACMeta = {
  readonly users: ReadonlyArray<UserInfo>
  readonly roles: ReadonlyArray<RoleEntity>
  readonly grants: ReadonlyArray<GrantEntity>
  readonly privilege_groups: ReadonlyArray<PrivilegeGroupInfo>
}
/** `milvus.proto.milvus.RBACMeta` as written. */
export type RBACMetaInput = {
  readonly users?: ReadonlyArray<UserInfoInput> | undefined
  readonly roles?: ReadonlyArray<RoleEntityInput> | undefined
  readonly grants?: ReadonlyArray<GrantEntityInput> | undefined
  readonly privilege_groups?: ReadonlyArray<PrivilegeGroupInfoInput> | undefined
}

/** `milvus.proto.milvus.BackupRBACMetaRequest` as read. */
export type BackupRBACMetaRequest = {
  readonly base: MsgBase | null
}
/** `milvus.proto.milvus.BackupRBACMetaRequest` as written. */
export type BackupRBACMetaRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
}

/** `milvus.proto.milvus.BackupRBACMetaResponse` as read. */
export type BackupRBACMetaResponse = {
  readonly status: Status | null
  readonly RBAC_meta: RBACMeta | null
}
/** `milvus.proto.milvus.BackupRBACMetaResponse` as written. */
export type BackupRBACMetaResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly RBAC_meta?: RBACMetaInput | null | undefined
}

/** `milvus.proto.milvus.RestoreRBACMetaRequest` as read. */
export type RestoreRBACMetaRequest = {
  readonly base: MsgBase | null
  readonly RBAC_meta: RBACMeta | null
}
/** `milvus.proto.milvus.RestoreRBACMetaRequest` as written. */
export type RestoreRBACMetaRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly RBAC_meta?: RBACMetaInput | null | undefined
}

/** `milvus.proto.milvus.GetLoadingProgressRequest` as read. */
export type GetLoadingProgressRequest = {
  readonly base: MsgBase | null
  readonly collection_name: string
  readonly partition_names: ReadonlyArray<string>
  readonly db_name: string
}
/** `milvus.proto.milvus.GetLoadingProgressRequest` as written. */
export type GetLoadingProgressRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly collection_name?: string | undefined
  readonly partition_names?: ReadonlyArray<string> | undefined
  readonly db_name?: string | undefined
}

/** `milvus.proto.milvus.GetLoadingProgressResponse` as read. */
export type GetLoadingProgressResponse = {
  readonly status: Status | null
  readonly progress: bigint
  readonly refresh_progress: bigint
}
/** `milvus.proto.milvus.GetLoadingProgressResponse` as written. */
export type GetLoadingProgressResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly progress?: number | bigint | undefined
  readonly refresh_progress?: number | bigint | undefined
}

/** `milvus.proto.milvus.GetLoadStateRequest` as read. */
export type GetLoadStateRequest = {
  readonly base: MsgBase | null
  readonly collection_name: string
  readonly partition_names: ReadonlyArray<string>
  readonly db_name: string
}
/** `milvus.proto.milvus.GetLoadStateRequest` as written. */
export type GetLoadStateRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly collection_name?: string | undefined
  readonly partition_names?: ReadonlyArray<string> | undefined
  readonly db_name?: string | undefined
}

/** `milvus.proto.milvus.GetLoadStateResponse` as read. */
export type GetLoadStateResponse = {
  readonly status: Status | null
  readonly state: LoadState
}
/** `milvus.proto.milvus.GetLoadStateResponse` as written. */
export type GetLoadStateResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly state?: LoadState | undefined
}

/** `milvus.proto.milvus.GetVersionRequest` as read. */
export type GetVersionRequest = {
  readonly [field: string]: never
}
/** `milvus.proto.milvus.GetVersionRequest` as written. */
export type GetVersionRequestInput = {
  readonly [field: string]: never
}

/** `milvus.proto.milvus.GetVersionResponse` as read. */
export type GetVersionResponse = {
  readonly status: Status | null
  readonly version: string
}
/** `milvus.proto.milvus.GetVersionResponse` as written. */
export type GetVersionResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly version?: string | undefined
}

/** `milvus.proto.milvus.CheckHealthRequest` as read. */
export type CheckHealthRequest = {
  readonly [field: string]: never
}
/** `milvus.proto.milvus.CheckHealthRequest` as written. */
export type CheckHealthRequestInput = {
  readonly [field: string]: never
}

/** `milvus.proto.milvus.CheckHealthResponse` as read. */
export type CheckHealthResponse = {
  readonly status: Status | null
  readonly isHealthy: boolean
  readonly reasons: ReadonlyArray<string>
  readonly quota_states: ReadonlyArray<QuotaState>
}
/** `milvus.proto.milvus.CheckHealthResponse` as written. */
export type CheckHealthResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly isHealthy?: boolean | undefined
  readonly reasons?: ReadonlyArray<string> | undefined
  readonly quota_states?: ReadonlyArray<QuotaState> | undefined
}

/** `milvus.proto.milvus.CreateResourceGroupRequest` as read. */
export type CreateResourceGroupRequest = {
  readonly base: MsgBase | null
  readonly resource_group: string
  readonly config: ResourceGroupConfig | null
}
/** `milvus.proto.milvus.CreateResourceGroupRequest` as written. */
export type CreateResourceGroupRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly resource_group?: string | undefined
  readonly config?: ResourceGroupConfigInput | null | undefined
}

/** `milvus.proto.milvus.UpdateResourceGroupsRequest` as read. */
export type UpdateResourceGroupsRequest = {
  readonly base: MsgBase | null
  readonly resource_groups: { readonly [key: string]: ResourceGroupConfig }
}
/** `milvus.proto.milvus.UpdateResourceGroupsRequest` as written. */
export type UpdateResourceGroupsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly resource_groups?: { readonly [key: string]: ResourceGroupConfigInput } | undefined
}

/** `milvus.proto.milvus.DropResourceGroupRequest` as read. */
export type DropResourceGroupRequest = {
  readonly base: MsgBase | null
  readonly resource_group: string
}
/** `milvus.proto.milvus.DropResourceGroupRequest` as written. */
export type DropResourceGroupRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly resource_group?: string | undefined
}

/** `milvus.proto.milvus.TransferNodeRequest` as read. */
export type TransferNodeRequest = {
  readonly base: MsgBase | null
  readonly source_resource_group: string
  readonly target_resource_group: string
  readonly num_node: number
}
/** `milvus.proto.milvus.TransferNodeRequest` as written. */
export type TransferNodeRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly source_resource_group?: string | undefined
  readonly target_resource_group?: string | undefined
  readonly num_node?: number | undefined
}

/** `milvus.proto.milvus.TransferReplicaRequest` as read. */
export type TransferReplicaRequest = {
  readonly base: MsgBase | null
  readonly source_resource_group: string
  readonly target_resource_group: string
  readonly collection_name: string
  readonly num_replica: bigint
  readonly db_name: string
}
/** `milvus.proto.milvus.TransferReplicaRequest` as written. */
export type TransferReplicaRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly source_resource_group?: string | undefined
  readonly target_resource_group?: string | undefined
  readonly collection_name?: string | undefined
  readonly num_replica?: number | bigint | undefined
  readonly db_name?: string | undefined
}

/** `milvus.proto.milvus.ListResourceGroupsRequest` as read. */
export type ListResourceGroupsRequest = {
  readonly base: MsgBase | null
}
/** `milvus.proto.milvus.ListResourceGroupsRequest` as written. */
export type ListResourceGroupsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
}

/** `milvus.proto.milvus.ListResourceGroupsResponse` as read. */
export type ListResourceGroupsResponse = {
  readonly status: Status | null
  readonly resource_groups: ReadonlyArray<string>
}
/** `milvus.proto.milvus.ListResourceGroupsResponse` as written. */
export type ListResourceGroupsResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly resource_groups?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.milvus.DescribeResourceGroupRequest` as read. */
export type DescribeResourceGroupRequest = {
  readonly base: MsgBase | null
  readonly resource_group: string
}
/** `milvus.proto.milvus.DescribeResourceGroupRequest` as written. */
export type DescribeResourceGroupRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly resource_group?: string | undefined
}

/** `milvus.proto.milvus.DescribeResourceGroupResponse` as read. */
export type DescribeResourceGroupResponse = {
  readonly status: Status | null
  readonly resource_group: ResourceGroup | null
}
/** `milvus.proto.milvus.DescribeResourceGroupResponse` as written. */
export type DescribeResourceGroupResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly resource_group?: ResourceGroupInput | null | undefined
}

/** `milvus.proto.milvus.ResourceGroup` as read. */
export type ResourceGroup = {
  readonly name: string
  readonly capacity: number
  readonly num_available_node: number
  readonly num_loaded_replica: { readonly [key: string]: number }
  readonly num_outgoing_node: { readonly [key: string]: number }
  readonly num_incoming_node: { readonly [key: string]: number }
  readonly config: ResourceGroupConfig | null
  readonly nodes: ReadonlyArray<NodeInfo>
}
/** `milvus.proto.milvus.ResourceGroup` as written. */
export type ResourceGroupInput = {
  readonly name?: string | undefined
  readonly capacity?: number | undefined
  readonly num_available_node?: number | undefined
  readonly num_loaded_replica?: { readonly [key: string]: number } | undefined
  readonly num_outgoing_node?: { readonly [key: string]: number } | undefined
  readonly num_incoming_node?: { readonly [key: string]: number } | undefined
  readonly config?: ResourceGroupConfigInput | null | undefined
  readonly nodes?: ReadonlyArray<NodeInfoInput> | undefined
}

/** `milvus.proto.milvus.RenameCollectionRequest` as read. */
export type RenameCollectionRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly oldName: string
  readonly newName: string
  readonly newDBName: string
}
/** `milvus.proto.milvus.RenameCollectionRequest` as written. */
export type RenameCollectionRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly oldName?: string | undefined
  readonly newName?: string | undefined
  readonly newDBName?: string | undefined
}

/** `milvus.proto.milvus.GetIndexStatisticsRequest` as read. */
export type GetIndexStatisticsRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly index_name: string
  readonly timestamp: bigint
}
/** `milvus.proto.milvus.GetIndexStatisticsRequest` as written. */
export type GetIndexStatisticsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly index_name?: string | undefined
  readonly timestamp?: number | bigint | undefined
}

/** `milvus.proto.milvus.GetIndexStatisticsResponse` as read. */
export type GetIndexStatisticsResponse = {
  readonly status: Status | null
  readonly index_descriptions: ReadonlyArray<IndexDescription>
}
/** `milvus.proto.milvus.GetIndexStatisticsResponse` as written. */
export type GetIndexStatisticsResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly index_descriptions?: ReadonlyArray<IndexDescriptionInput> | undefined
}

/** `milvus.proto.milvus.ConnectRequest` as read. */
export type ConnectRequest = {
  readonly base: MsgBase | null
  readonly client_info: ClientInfo | null
}
/** `milvus.proto.milvus.ConnectRequest` as written. */
export type ConnectRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly client_info?: ClientInfoInput | null | undefined
}

/** `milvus.proto.milvus.ConnectResponse` as read. */
export type ConnectResponse = {
  readonly status: Status | null
  readonly server_info: ServerInfo | null
  readonly identifier: bigint
}
/** `milvus.proto.milvus.ConnectResponse` as written. */
export type ConnectResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly server_info?: ServerInfoInput | null | undefined
  readonly identifier?: number | bigint | undefined
}

/** `milvus.proto.milvus.AllocTimestampRequest` as read. */
export type AllocTimestampRequest = {
  readonly base: MsgBase | null
}
/** `milvus.proto.milvus.AllocTimestampRequest` as written. */
export type AllocTimestampRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
}

/** `milvus.proto.milvus.AllocTimestampResponse` as read. */
export type AllocTimestampResponse = {
  readonly status: Status | null
  readonly timestamp: bigint
}
/** `milvus.proto.milvus.AllocTimestampResponse` as written. */
export type AllocTimestampResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly timestamp?: number | bigint | undefined
}

/** `milvus.proto.milvus.CreateDatabaseRequest` as read. */
export type CreateDatabaseRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly properties: ReadonlyArray<KeyValuePair>
}
/** `milvus.proto.milvus.CreateDatabaseRequest` as written. */
export type CreateDatabaseRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly properties?: ReadonlyArray<KeyValuePairInput> | undefined
}

/** `milvus.proto.milvus.DropDatabaseRequest` as read. */
export type DropDatabaseRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
}
/** `milvus.proto.milvus.DropDatabaseRequest` as written. */
export type DropDatabaseRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
}

/** `milvus.proto.milvus.ListDatabasesRequest` as read. */
export type ListDatabasesRequest = {
  readonly base: MsgBase | null
}
/** `milvus.proto.milvus.ListDatabasesRequest` as written. */
export type ListDatabasesRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
}

/** `milvus.proto.milvus.ListDatabasesResponse` as read. */
export type ListDatabasesResponse = {
  readonly status: Status | null
  readonly db_names: ReadonlyArray<string>
  readonly created_timestamp: ReadonlyArray<bigint>
  readonly db_ids: ReadonlyArray<bigint>
}
/** `milvus.proto.milvus.ListDatabasesResponse` as written. */
export type ListDatabasesResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly db_names?: ReadonlyArray<string> | undefined
  readonly created_timestamp?: ReadonlyArray<number | bigint> | undefined
  readonly db_ids?: ReadonlyArray<number | bigint> | undefined
}

/** `milvus.proto.milvus.AlterDatabaseRequest` as read. */
export type AlterDatabaseRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly db_id: string
  readonly properties: ReadonlyArray<KeyValuePair>
  readonly delete_keys: ReadonlyArray<string>
}
/** `milvus.proto.milvus.AlterDatabaseRequest` as written. */
export type AlterDatabaseRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly db_id?: string | undefined
  readonly properties?: ReadonlyArray<KeyValuePairInput> | undefined
  readonly delete_keys?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.milvus.DescribeDatabaseRequest` as read. */
export type DescribeDatabaseRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
}
/** `milvus.proto.milvus.DescribeDatabaseRequest` as written. */
export type DescribeDatabaseRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
}

/** `milvus.proto.milvus.DescribeDatabaseResponse` as read. */
export type DescribeDatabaseResponse = {
  readonly status: Status | null
  readonly db_name: string
  readonly dbID: bigint
  readonly created_timestamp: bigint
  readonly properties: ReadonlyArray<KeyValuePair>
}
/** `milvus.proto.milvus.DescribeDatabaseResponse` as written. */
export type DescribeDatabaseResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly db_name?: string | undefined
  readonly dbID?: number | bigint | undefined
  readonly created_timestamp?: number | bigint | undefined
  readonly properties?: ReadonlyArray<KeyValuePairInput> | undefined
}

/** `milvus.proto.milvus.ReplicateMessageRequest` as read. @deprecated */
export type ReplicateMessageRequest = {
  readonly base: MsgBase | null
  readonly channel_name: string
  readonly BeginTs: bigint
  readonly EndTs: bigint
  readonly Msgs: ReadonlyArray<Uint8Array>
  readonly StartPositions: ReadonlyArray<MsgPosition>
  readonly EndPositions: ReadonlyArray<MsgPosition>
}
/** `milvus.proto.milvus.ReplicateMessageRequest` as written. @deprecated */
export type ReplicateMessageRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly channel_name?: string | undefined
  readonly BeginTs?: number | bigint | undefined
  readonly EndTs?: number | bigint | undefined
  readonly Msgs?: ReadonlyArray<Uint8Array> | undefined
  readonly StartPositions?: ReadonlyArray<MsgPositionInput> | undefined
  readonly EndPositions?: ReadonlyArray<MsgPositionInput> | undefined
}

/** `milvus.proto.milvus.ReplicateMessageResponse` as read. @deprecated */
export type ReplicateMessageResponse = {
  readonly status: Status | null
  readonly position: string
}
/** `milvus.proto.milvus.ReplicateMessageResponse` as written. @deprecated */
export type ReplicateMessageResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly position?: string | undefined
}

/** `milvus.proto.milvus.RunAnalyzerRequest` as read. */
export type RunAnalyzerRequest = {
  readonly base: MsgBase | null
  readonly analyzer_params: string
  readonly placeholder: ReadonlyArray<Uint8Array>
  readonly with_detail: boolean
  readonly with_hash: boolean
  readonly db_name: string
  readonly collection_name: string
  readonly field_name: string
  readonly analyzer_names: ReadonlyArray<string>
}
/** `milvus.proto.milvus.RunAnalyzerRequest` as written. */
export type RunAnalyzerRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly analyzer_params?: string | undefined
  readonly placeholder?: ReadonlyArray<Uint8Array> | undefined
  readonly with_detail?: boolean | undefined
  readonly with_hash?: boolean | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly field_name?: string | undefined
  readonly analyzer_names?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.milvus.AnalyzerToken` as read. */
export type AnalyzerToken = {
  readonly token: string
  readonly start_offset: bigint
  readonly end_offset: bigint
  readonly position: bigint
  readonly position_length: bigint
  readonly hash: number
}
/** `milvus.proto.milvus.AnalyzerToken` as written. */
export type AnalyzerTokenInput = {
  readonly token?: string | undefined
  readonly start_offset?: number | bigint | undefined
  readonly end_offset?: number | bigint | undefined
  readonly position?: number | bigint | undefined
  readonly position_length?: number | bigint | undefined
  readonly hash?: number | undefined
}

/** `milvus.proto.milvus.AnalyzerResult` as read. */
export type AnalyzerResult = {
  readonly tokens: ReadonlyArray<AnalyzerToken>
}
/** `milvus.proto.milvus.AnalyzerResult` as written. */
export type AnalyzerResultInput = {
  readonly tokens?: ReadonlyArray<AnalyzerTokenInput> | undefined
}

/** `milvus.proto.milvus.RunAnalyzerResponse` as read. */
export type RunAnalyzerResponse = {
  readonly status: Status | null
  readonly results: ReadonlyArray<AnalyzerResult>
}
/** `milvus.proto.milvus.RunAnalyzerResponse` as written. */
export type RunAnalyzerResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly results?: ReadonlyArray<AnalyzerResultInput> | undefined
}

/** `milvus.proto.milvus.FileResourceInfo` as read. */
export type FileResourceInfo = {
  readonly id: bigint
  readonly name: string
  readonly path: string
}
/** `milvus.proto.milvus.FileResourceInfo` as written. */
export type FileResourceInfoInput = {
  readonly id?: number | bigint | undefined
  readonly name?: string | undefined
  readonly path?: string | undefined
}

/** `milvus.proto.milvus.AddFileResourceRequest` as read. */
export type AddFileResourceRequest = {
  readonly base: MsgBase | null
  readonly name: string
  readonly path: string
}
/** `milvus.proto.milvus.AddFileResourceRequest` as written. */
export type AddFileResourceRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly name?: string | undefined
  readonly path?: string | undefined
}

/** `milvus.proto.milvus.RemoveFileResourceRequest` as read. */
export type RemoveFileResourceRequest = {
  readonly base: MsgBase | null
  readonly name: string
}
/** `milvus.proto.milvus.RemoveFileResourceRequest` as written. */
export type RemoveFileResourceRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly name?: string | undefined
}

/** `milvus.proto.milvus.ListFileResourcesRequest` as read. */
export type ListFileResourcesRequest = {
  readonly base: MsgBase | null
}
/** `milvus.proto.milvus.ListFileResourcesRequest` as written. */
export type ListFileResourcesRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
}

/** `milvus.proto.milvus.ListFileResourcesResponse` as read. */
export type ListFileResourcesResponse = {
  readonly status: Status | null
  readonly resources: ReadonlyArray<FileResourceInfo>
}
/** `milvus.proto.milvus.ListFileResourcesResponse` as written. */
export type ListFileResourcesResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly resources?: ReadonlyArray<FileResourceInfoInput> | undefined
}

/** `milvus.proto.milvus.AddUserTagsRequest` as read. */
export type AddUserTagsRequest = {
  readonly base: MsgBase | null
  readonly user_name: string
  readonly tags: { readonly [key: string]: string }
}
/** `milvus.proto.milvus.AddUserTagsRequest` as written. */
export type AddUserTagsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly user_name?: string | undefined
  readonly tags?: { readonly [key: string]: string } | undefined
}

/** `milvus.proto.milvus.DeleteUserTagsRequest` as read. */
export type DeleteUserTagsRequest = {
  readonly base: MsgBase | null
  readonly user_name: string
  readonly tag_keys: ReadonlyArray<string>
}
/** `milvus.proto.milvus.DeleteUserTagsRequest` as written. */
export type DeleteUserTagsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly user_name?: string | undefined
  readonly tag_keys?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.milvus.GetUserTagsRequest` as read. */
export type GetUserTagsRequest = {
  readonly base: MsgBase | null
  readonly user_name: string
}
/** `milvus.proto.milvus.GetUserTagsRequest` as written. */
export type GetUserTagsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly user_name?: string | undefined
}

/** `milvus.proto.milvus.GetUserTagsResponse` as read. */
export type GetUserTagsResponse = {
  readonly status: Status | null
  readonly tags: { readonly [key: string]: string }
}
/** `milvus.proto.milvus.GetUserTagsResponse` as written. */
export type GetUserTagsResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly tags?: { readonly [key: string]: string } | undefined
}

/** `milvus.proto.milvus.ListUsersWithTagRequest` as read. */
export type ListUsersWithTagRequest = {
  readonly base: MsgBase | null
  readonly tag_key: string
  readonly tag_value: string
}
/** `milvus.proto.milvus.ListUsersWithTagRequest` as written. */
export type ListUsersWithTagRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly tag_key?: string | undefined
  readonly tag_value?: string | undefined
}

/** `milvus.proto.milvus.ListUsersWithTagResponse` as read. */
export type ListUsersWithTagResponse = {
  readonly status: Status | null
  readonly user_names: ReadonlyArray<string>
}
/** `milvus.proto.milvus.ListUsersWithTagResponse` as written. */
export type ListUsersWithTagResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly user_names?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.milvus.CreateRowPolicyRequest` as read. */
export type CreateRowPolicyRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly policy_name: string
  readonly actions: ReadonlyArray<RowPolicyAction>
  /** @deprecated */
  readonly roles: ReadonlyArray<string>
  readonly using_expr: string
  readonly check_expr: string
  readonly description: string
  readonly policy_type?: RowPolicyType
  readonly _policy_type?: "policy_type"
}
/** `milvus.proto.milvus.CreateRowPolicyRequest` as written. */
export type CreateRowPolicyRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly policy_name?: string | undefined
  readonly actions?: ReadonlyArray<RowPolicyAction> | undefined
  /** @deprecated */
  readonly roles?: ReadonlyArray<string> | undefined
  readonly using_expr?: string | undefined
  readonly check_expr?: string | undefined
  readonly description?: string | undefined
  readonly policy_type?: RowPolicyType | undefined
}

/** `milvus.proto.milvus.DropRowPolicyRequest` as read. */
export type DropRowPolicyRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly policy_name: string
}
/** `milvus.proto.milvus.DropRowPolicyRequest` as written. */
export type DropRowPolicyRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly policy_name?: string | undefined
}

/** `milvus.proto.milvus.UpdateRowPolicyRequest` as read. */
export type UpdateRowPolicyRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly policy_name: string
  readonly actions: ReadonlyArray<RowPolicyAction>
  /** @deprecated */
  readonly roles: ReadonlyArray<string>
  readonly using_expr: string
  readonly check_expr: string
  readonly description: string
  readonly policy_type: RowPolicyType
}
/** `milvus.proto.milvus.UpdateRowPolicyRequest` as written. */
export type UpdateRowPolicyRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly policy_name?: string | undefined
  readonly actions?: ReadonlyArray<RowPolicyAction> | undefined
  /** @deprecated */
  readonly roles?: ReadonlyArray<string> | undefined
  readonly using_expr?: string | undefined
  readonly check_expr?: string | undefined
  readonly description?: string | undefined
  readonly policy_type?: RowPolicyType | undefined
}

/** `milvus.proto.milvus.ListRowPoliciesRequest` as read. */
export type ListRowPoliciesRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
}
/** `milvus.proto.milvus.ListRowPoliciesRequest` as written. */
export type ListRowPoliciesRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
}

/** `milvus.proto.milvus.RowPolicy` as read. */
export type RowPolicy = {
  readonly policy_name: string
  readonly actions: ReadonlyArray<RowPolicyAction>
  /** @deprecated */
  readonly roles: ReadonlyArray<string>
  readonly using_expr: string
  readonly check_expr: string
  readonly description: string
  readonly created_at: bigint
  readonly policy_type: RowPolicyType
}
/** `milvus.proto.milvus.RowPolicy` as written. */
export type RowPolicyInput = {
  readonly policy_name?: string | undefined
  readonly actions?: ReadonlyArray<RowPolicyAction> | undefined
  /** @deprecated */
  readonly roles?: ReadonlyArray<string> | undefined
  readonly using_expr?: string | undefined
  readonly check_expr?: string | undefined
  readonly description?: string | undefined
  readonly created_at?: number | bigint | undefined
  readonly policy_type?: RowPolicyType | undefined
}

/** `milvus.proto.milvus.ListRowPoliciesResponse` as read. */
export type ListRowPoliciesResponse = {
  readonly status: Status | null
  readonly policies: ReadonlyArray<RowPolicy>
  readonly db_name: string
  readonly collection_name: string
}
/** `milvus.proto.milvus.ListRowPoliciesResponse` as written. */
export type ListRowPoliciesResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly policies?: ReadonlyArray<RowPolicyInput> | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
}

/** `milvus.proto.milvus.SetRLSPrincipalTagsRequest` as read. */
export type SetRLSPrincipalTagsRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly principal_name: string
  readonly tags: string
}
/** `milvus.proto.milvus.SetRLSPrincipalTagsRequest` as written. */
export type SetRLSPrincipalTagsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly principal_name?: string | undefined
  readonly tags?: string | undefined
}

/** `milvus.proto.milvus.GetRLSPrincipalTagsRequest` as read. */
export type GetRLSPrincipalTagsRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly principal_name: string
}
/** `milvus.proto.milvus.GetRLSPrincipalTagsRequest` as written. */
export type GetRLSPrincipalTagsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly principal_name?: string | undefined
}

/** `milvus.proto.milvus.GetRLSPrincipalTagsResponse` as read. */
export type GetRLSPrincipalTagsResponse = {
  readonly status: Status | null
  readonly tags: string
  readonly db_name: string
  readonly collection_name: string
  readonly principal_name: string
}
/** `milvus.proto.milvus.GetRLSPrincipalTagsResponse` as written. */
export type GetRLSPrincipalTagsResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly tags?: string | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly principal_name?: string | undefined
}

/** `milvus.proto.milvus.ListRLSPrincipalsRequest` as read. */
export type ListRLSPrincipalsRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
}
/** `milvus.proto.milvus.ListRLSPrincipalsRequest` as written. */
export type ListRLSPrincipalsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
}

/** `milvus.proto.milvus.ListRLSPrincipalsResponse` as read. */
export type ListRLSPrincipalsResponse = {
  readonly status: Status | null
  readonly principal_names: ReadonlyArray<string>
  readonly db_name: string
  readonly collection_name: string
}
/** `milvus.proto.milvus.ListRLSPrincipalsResponse` as written. */
export type ListRLSPrincipalsResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly principal_names?: ReadonlyArray<string> | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
}

/** `milvus.proto.milvus.DeleteRLSPrincipalTagsRequest` as read. */
export type DeleteRLSPrincipalTagsRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly principal_name: string
  readonly tag_keys: ReadonlyArray<string>
}
/** `milvus.proto.milvus.DeleteRLSPrincipalTagsRequest` as written. */
export type DeleteRLSPrincipalTagsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly principal_name?: string | undefined
  readonly tag_keys?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.milvus.UpdateReplicateConfigurationRequest` as read. */
export type UpdateReplicateConfigurationRequest = {
  readonly replicate_configuration: ReplicateConfiguration | null
  readonly force_promote: boolean
}
/** `milvus.proto.milvus.UpdateReplicateConfigurationRequest` as written. */
export type UpdateReplicateConfigurationRequestInput = {
  readonly replicate_configuration?: ReplicateConfigurationInput | null | undefined
  readonly force_promote?: boolean | undefined
}

/** `milvus.proto.milvus.GetReplicateConfigurationRequest` as read. */
export type GetReplicateConfigurationRequest = {
  readonly [field: string]: never
}
/** `milvus.proto.milvus.GetReplicateConfigurationRequest` as written. */
export type GetReplicateConfigurationRequestInput = {
  readonly [field: string]: never
}

/** `milvus.proto.milvus.GetReplicateConfigurationResponse` as read. */
export type GetReplicateConfigurationResponse = {
  readonly status: Status | null
  readonly configuration: ReplicateConfiguration | null
}
/** `milvus.proto.milvus.GetReplicateConfigurationResponse` as written. */
export type GetReplicateConfigurationResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly configuration?: ReplicateConfigurationInput | null | undefined
}

/** `milvus.proto.milvus.GetReplicateInfoRequest` as read. */
export type GetReplicateInfoRequest = {
  readonly source_cluster_id: string
  readonly target_pchannel: string
}
/** `milvus.proto.milvus.GetReplicateInfoRequest` as written. */
export type GetReplicateInfoRequestInput = {
  readonly source_cluster_id?: string | undefined
  readonly target_pchannel?: string | undefined
}

/** `milvus.proto.milvus.GetReplicateInfoResponse` as read. */
export type GetReplicateInfoResponse = {
  readonly checkpoint: ReplicateCheckpoint | null
  readonly salvage_checkpoint: ReplicateCheckpoint | null
}
/** `milvus.proto.milvus.GetReplicateInfoResponse` as written. */
export type GetReplicateInfoResponseInput = {
  readonly checkpoint?: ReplicateCheckpointInput | null | undefined
  readonly salvage_checkpoint?: ReplicateCheckpointInput | null | undefined
}

/** `milvus.proto.milvus.ReplicateMessage` as read. */
export type ReplicateMessage = {
  readonly source_cluster_id: string
  readonly message: ImmutableMessage | null
}
/** `milvus.proto.milvus.ReplicateMessage` as written. */
export type ReplicateMessageInput = {
  readonly source_cluster_id?: string | undefined
  readonly message?: ImmutableMessageInput | null | undefined
}

/** `milvus.proto.milvus.ReplicateRequest` as read. */
export type ReplicateRequest = {
  readonly replicate_message?: ReplicateMessage
  readonly request?: "replicate_message"
}
/** `milvus.proto.milvus.ReplicateRequest` as written. */
export type ReplicateRequestInput = {
  readonly replicate_message?: ReplicateMessageInput | null | undefined
}

/** `milvus.proto.milvus.ReplicateConfirmedMessageInfo` as read. */
export type ReplicateConfirmedMessageInfo = {
  readonly confirmed_time_tick: bigint
}
/** `milvus.proto.milvus.ReplicateConfirmedMessageInfo` as written. */
export type ReplicateConfirmedMessageInfoInput = {
  readonly confirmed_time_tick?: number | bigint | undefined
}

/** `milvus.proto.milvus.ReplicateResponse` as read. */
export type ReplicateResponse = {
  readonly replicate_confirmed_message_info?: ReplicateConfirmedMessageInfo
  readonly response?: "replicate_confirmed_message_info"
}
/** `milvus.proto.milvus.ReplicateResponse` as written. */
export type ReplicateResponseInput = {
  readonly replicate_confirmed_message_info?: ReplicateConfirmedMessageInfoInput | null | undefined
}

/** `milvus.proto.milvus.DumpMessagesRequest` as read. */
export type DumpMessagesRequest = {
  readonly pchannel: string
  readonly start_message_id: MessageID | null
  readonly start_timetick: bigint
  readonly end_timetick: bigint
  readonly include_start_message: boolean
}
/** `milvus.proto.milvus.DumpMessagesRequest` as written. */
export type DumpMessagesRequestInput = {
  readonly pchannel?: string | undefined
  readonly start_message_id?: MessageIDInput | null | undefined
  readonly start_timetick?: number | bigint | undefined
  readonly end_timetick?: number | bigint | undefined
  readonly include_start_message?: boolean | undefined
}

/** `milvus.proto.milvus.DumpMessagesResponse` as read. */
export type DumpMessagesResponse = {
  readonly status?: Status
  readonly message?: ImmutableMessage
  readonly response?: "status" | "message"
}
/** `milvus.proto.milvus.DumpMessagesResponse` as written. */
export type DumpMessagesResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly message?: ImmutableMessageInput | null | undefined
}

/** `milvus.proto.milvus.TruncateCollectionRequest` as read. */
export type TruncateCollectionRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
}
/** `milvus.proto.milvus.TruncateCollectionRequest` as written. */
export type TruncateCollectionRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
}

/** `milvus.proto.milvus.TruncateCollectionResponse` as read. */
export type TruncateCollectionResponse = {
  readonly status: Status | null
}
/** `milvus.proto.milvus.TruncateCollectionResponse` as written. */
export type TruncateCollectionResponseInput = {
  readonly status?: StatusInput | null | undefined
}

/** `milvus.proto.milvus.ComputePhraseMatchSlopRequest` as read. */
export type ComputePhraseMatchSlopRequest = {
  readonly base: MsgBase | null
  readonly analyzer_params: string
  readonly query_text: string
  readonly data_texts: ReadonlyArray<string>
}
/** `milvus.proto.milvus.ComputePhraseMatchSlopRequest` as written. */
export type ComputePhraseMatchSlopRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly analyzer_params?: string | undefined
  readonly query_text?: string | undefined
  readonly data_texts?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.milvus.ComputePhraseMatchSlopResponse` as read. */
export type ComputePhraseMatchSlopResponse = {
  readonly status: Status | null
  readonly is_match: ReadonlyArray<boolean>
  readonly slops: ReadonlyArray<bigint>
}
/** `milvus.proto.milvus.ComputePhraseMatchSlopResponse` as written. */
export type ComputePhraseMatchSlopResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly is_match?: ReadonlyArray<boolean> | undefined
  readonly slops?: ReadonlyArray<number | bigint> | undefined
}

/** `milvus.proto.milvus.CreateSnapshotRequest` as read. */
export type CreateSnapshotRequest = {
  readonly base: MsgBase | null
  readonly name: string
  readonly description: string
  readonly db_name: string
  readonly collection_name: string
  readonly compaction_protection_seconds: bigint
  readonly skip_index: boolean
}
/** `milvus.proto.milvus.CreateSnapshotRequest` as written. */
export type CreateSnapshotRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly compaction_protection_seconds?: number | bigint | undefined
  readonly skip_index?: boolean | undefined
}

/** `milvus.proto.milvus.DropSnapshotRequest` as read. */
export type DropSnapshotRequest = {
  readonly base: MsgBase | null
  readonly name: string
  readonly db_name: string
  readonly collection_name: string
}
/** `milvus.proto.milvus.DropSnapshotRequest` as written. */
export type DropSnapshotRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly name?: string | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
}

/** `milvus.proto.milvus.ListSnapshotsRequest` as read. */
export type ListSnapshotsRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
}
/** `milvus.proto.milvus.ListSnapshotsRequest` as written. */
export type ListSnapshotsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
}

/** `milvus.proto.milvus.ListSnapshotsResponse` as read. */
export type ListSnapshotsResponse = {
  readonly status: Status | null
  readonly snapshots: ReadonlyArray<string>
}
/** `milvus.proto.milvus.ListSnapshotsResponse` as written. */
export type ListSnapshotsResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly snapshots?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.milvus.DescribeSnapshotRequest` as read. */
export type DescribeSnapshotRequest = {
  readonly base: MsgBase | null
  readonly name: string
  readonly db_name: string
  readonly collection_name: string
}
/** `milvus.proto.milvus.DescribeSnapshotRequest` as written. */
export type DescribeSnapshotRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly name?: string | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
}

/** `milvus.proto.milvus.DescribeSnapshotResponse` as read. */
export type DescribeSnapshotResponse = {
  readonly status: Status | null
  readonly name: string
  readonly description: string
  readonly collection_name: string
  readonly partition_names: ReadonlyArray<string>
  readonly create_ts: bigint
  readonly s3_location: string
  readonly skip_index: boolean
}
/** `milvus.proto.milvus.DescribeSnapshotResponse` as written. */
export type DescribeSnapshotResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly collection_name?: string | undefined
  readonly partition_names?: ReadonlyArray<string> | undefined
  readonly create_ts?: number | bigint | undefined
  readonly s3_location?: string | undefined
  readonly skip_index?: boolean | undefined
}

/** `milvus.proto.milvus.RestoreSnapshotRequest` as read. */
export type RestoreSnapshotRequest = {
  readonly base: MsgBase | null
  readonly name: string
  readonly db_name: string
  readonly collection_name: string
  readonly rewrite_data: boolean
  readonly target_db_name: string
  readonly target_collection_name: string
  readonly skip_index: boolean
}
/** `milvus.proto.milvus.RestoreSnapshotRequest` as written. */
export type RestoreSnapshotRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly name?: string | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly rewrite_data?: boolean | undefined
  readonly target_db_name?: string | undefined
  readonly target_collection_name?: string | undefined
  readonly skip_index?: boolean | undefined
}

/** `milvus.proto.milvus.RestoreSnapshotResponse` as read. */
export type RestoreSnapshotResponse = {
  readonly status: Status | null
  readonly job_id: bigint
}
/** `milvus.proto.milvus.RestoreSnapshotResponse` as written. */
export type RestoreSnapshotResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly job_id?: number | bigint | undefined
}

/** `milvus.proto.milvus.RestoreExternalSnapshotRequest` as read. */
export type RestoreExternalSnapshotRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly target_collection_name: string
  readonly snapshot_metadata_uri: string
  readonly external_spec: string
  readonly skip_index: boolean
}
/** `milvus.proto.milvus.RestoreExternalSnapshotRequest` as written. */
export type RestoreExternalSnapshotRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly target_collection_name?: string | undefined
  readonly snapshot_metadata_uri?: string | undefined
  readonly external_spec?: string | undefined
  readonly skip_index?: boolean | undefined
}

/** `milvus.proto.milvus.RestoreExternalSnapshotResponse` as read. */
export type RestoreExternalSnapshotResponse = {
  readonly status: Status | null
  readonly job_id: bigint
}
/** `milvus.proto.milvus.RestoreExternalSnapshotResponse` as written. */
export type RestoreExternalSnapshotResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly job_id?: number | bigint | undefined
}

/** `milvus.proto.milvus.ExportSnapshotRequest` as read. */
export type ExportSnapshotRequest = {
  readonly base: MsgBase | null
  readonly name: string
  readonly db_name: string
  readonly collection_name: string
  readonly target_s3_path: string
  readonly external_spec: string
}
/** `milvus.proto.milvus.ExportSnapshotRequest` as written. */
export type ExportSnapshotRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly name?: string | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly target_s3_path?: string | undefined
  readonly external_spec?: string | undefined
}

/** `milvus.proto.milvus.ExportSnapshotResponse` as read. */
export type ExportSnapshotResponse = {
  readonly status: Status | null
  /** @deprecated */
  readonly snapshot_metadata_uri: string
  readonly job_id: bigint
}
/** `milvus.proto.milvus.ExportSnapshotResponse` as written. */
export type ExportSnapshotResponseInput = {
  readonly status?: StatusInput | null | undefined
  /** @deprecated */
  readonly snapshot_metadata_uri?: string | undefined
  readonly job_id?: number | bigint | undefined
}

/** `milvus.proto.milvus.RestoreSnapshotInfo` as read. */
export type RestoreSnapshotInfo = {
  readonly job_id: bigint
  readonly snapshot_name: string
  readonly db_name: string
  readonly collection_name: string
  readonly state: RestoreSnapshotState
  readonly progress: number
  readonly reason: string
  readonly start_time: bigint
  readonly time_cost: bigint
}
/** `milvus.proto.milvus.RestoreSnapshotInfo` as written. */
export type RestoreSnapshotInfoInput = {
  readonly job_id?: number | bigint | undefined
  readonly snapshot_name?: string | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly state?: RestoreSnapshotState | undefined
  readonly progress?: number | undefined
  readonly reason?: string | undefined
  readonly start_time?: number | bigint | undefined
  readonly time_cost?: number | bigint | undefined
}

/** `milvus.proto.milvus.GetRestoreSnapshotStateRequest` as read. */
export type GetRestoreSnapshotStateRequest = {
  readonly base: MsgBase | null
  readonly job_id: bigint
}
/** `milvus.proto.milvus.GetRestoreSnapshotStateRequest` as written. */
export type GetRestoreSnapshotStateRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly job_id?: number | bigint | undefined
}

/** `milvus.proto.milvus.GetRestoreSnapshotStateResponse` as read. */
export type GetRestoreSnapshotStateResponse = {
  readonly status: Status | null
  readonly info: RestoreSnapshotInfo | null
}
/** `milvus.proto.milvus.GetRestoreSnapshotStateResponse` as written. */
export type GetRestoreSnapshotStateResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly info?: RestoreSnapshotInfoInput | null | undefined
}

/** `milvus.proto.milvus.ListRestoreSnapshotJobsRequest` as read. */
export type ListRestoreSnapshotJobsRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
}
/** `milvus.proto.milvus.ListRestoreSnapshotJobsRequest` as written. */
export type ListRestoreSnapshotJobsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
}

/** `milvus.proto.milvus.ListRestoreSnapshotJobsResponse` as read. */
export type ListRestoreSnapshotJobsResponse = {
  readonly status: Status | null
  readonly jobs: ReadonlyArray<RestoreSnapshotInfo>
}
/** `milvus.proto.milvus.ListRestoreSnapshotJobsResponse` as written. */
export type ListRestoreSnapshotJobsResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly jobs?: ReadonlyArray<RestoreSnapshotInfoInput> | undefined
}

/** `milvus.proto.milvus.PinSnapshotDataRequest` as read. */
export type PinSnapshotDataRequest = {
  readonly base: MsgBase | null
  readonly name: string
  readonly db_name: string
  readonly collection_name: string
  readonly ttl_seconds: bigint
}
/** `milvus.proto.milvus.PinSnapshotDataRequest` as written. */
export type PinSnapshotDataRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly name?: string | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly ttl_seconds?: number | bigint | undefined
}

/** `milvus.proto.milvus.PinSnapshotDataResponse` as read. */
export type PinSnapshotDataResponse = {
  readonly status: Status | null
  readonly pin_id: bigint
}
/** `milvus.proto.milvus.PinSnapshotDataResponse` as written. */
export type PinSnapshotDataResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly pin_id?: number | bigint | undefined
}

/** `milvus.proto.milvus.UnpinSnapshotDataRequest` as read. */
export type UnpinSnapshotDataRequest = {
  readonly base: MsgBase | null
  readonly pin_id: bigint
}
/** `milvus.proto.milvus.UnpinSnapshotDataRequest` as written. */
export type UnpinSnapshotDataRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly pin_id?: number | bigint | undefined
}

/** `milvus.proto.milvus.AlterCollectionSchemaRequest` as read. */
export type AlterCollectionSchemaRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly collectionID: bigint
  readonly action: AlterCollectionSchemaRequest_Action | null
}
/** `milvus.proto.milvus.AlterCollectionSchemaRequest` as written. */
export type AlterCollectionSchemaRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly collectionID?: number | bigint | undefined
  readonly action?: AlterCollectionSchemaRequest_ActionInput | null | undefined
}

/** `milvus.proto.milvus.AlterCollectionSchemaRequest.FieldInfo` as read. */
export type AlterCollectionSchemaRequest_FieldInfo = {
  readonly field_schema: FieldSchema | null
  readonly index_name: string
  readonly extra_params: ReadonlyArray<KeyValuePair>
}
/** `milvus.proto.milvus.AlterCollectionSchemaRequest.FieldInfo` as written. */
export type AlterCollectionSchemaRequest_FieldInfoInput = {
  readonly field_schema?: FieldSchemaInput | null | undefined
  readonly index_name?: string | undefined
  readonly extra_params?: ReadonlyArray<KeyValuePairInput> | undefined
}

/** `milvus.proto.milvus.AlterCollectionSchemaRequest.AddRequest` as read. */
export type AlterCollectionSchemaRequest_AddRequest = {
  readonly field_infos: ReadonlyArray<AlterCollectionSchemaRequest_FieldInfo>
  readonly func_schema: ReadonlyArray<FunctionSchema>
  readonly do_physical_backfill: boolean
}
/** `milvus.proto.milvus.AlterCollectionSchemaRequest.AddRequest` as written. */
export type AlterCollectionSchemaRequest_AddRequestInput = {
  readonly field_infos?: ReadonlyArray<AlterCollectionSchemaRequest_FieldInfoInput> | undefined
  readonly func_schema?: ReadonlyArray<FunctionSchemaInput> | undefined
  readonly do_physical_backfill?: boolean | undefined
}

/** `milvus.proto.milvus.AlterCollectionSchemaRequest.DropRequest` as read. */
export type AlterCollectionSchemaRequest_DropRequest = {
  readonly field_name?: string
  readonly field_id?: bigint
  readonly function_name?: string
  readonly drop_function_output_fields: boolean
  readonly identifier?: "field_name" | "field_id" | "function_name"
}
/** `milvus.proto.milvus.AlterCollectionSchemaRequest.DropRequest` as written. */
export type AlterCollectionSchemaRequest_DropRequestInput = {
  readonly field_name?: string | undefined
  readonly field_id?: number | bigint | undefined
  readonly function_name?: string | undefined
  readonly drop_function_output_fields?: boolean | undefined
}

/** `milvus.proto.milvus.AlterCollectionSchemaRequest.Action` as read. */
export type AlterCollectionSchemaRequest_Action = {
  readonly add_request?: AlterCollectionSchemaRequest_AddRequest
  readonly drop_request?: AlterCollectionSchemaRequest_DropRequest
  readonly op?: "add_request" | "drop_request"
}
/** `milvus.proto.milvus.AlterCollectionSchemaRequest.Action` as written. */
export type AlterCollectionSchemaRequest_ActionInput = {
  readonly add_request?: AlterCollectionSchemaRequest_AddRequestInput | null | undefined
  readonly drop_request?: AlterCollectionSchemaRequest_DropRequestInput | null | undefined
}

/** `milvus.proto.milvus.AlterCollectionSchemaResponse` as read. */
export type AlterCollectionSchemaResponse = {
  readonly alter_status: Status | null
}
/** `milvus.proto.milvus.AlterCollectionSchemaResponse` as written. */
export type AlterCollectionSchemaResponseInput = {
  readonly alter_status?: StatusInput | null | undefined
}

/** `milvus.proto.milvus.BatchUpdateManifestRequest` as read. */
export type BatchUpdateManifestRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly field_names: ReadonlyArray<string>
  readonly items: ReadonlyArray<BatchUpdateManifestItem>
}
/** `milvus.proto.milvus.BatchUpdateManifestRequest` as written. */
export type BatchUpdateManifestRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly field_names?: ReadonlyArray<string> | undefined
  readonly items?: ReadonlyArray<BatchUpdateManifestItemInput> | undefined
}

/** `milvus.proto.milvus.BatchUpdateManifestItem` as read. */
export type BatchUpdateManifestItem = {
  readonly segment_id: bigint
  readonly manifest_version: bigint
}
/** `milvus.proto.milvus.BatchUpdateManifestItem` as written. */
export type BatchUpdateManifestItemInput = {
  readonly segment_id?: number | bigint | undefined
  readonly manifest_version?: number | bigint | undefined
}

/** `milvus.proto.milvus.RefreshExternalCollectionRequest` as read. */
export type RefreshExternalCollectionRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
  readonly external_source: string
  readonly external_spec: string
}
/** `milvus.proto.milvus.RefreshExternalCollectionRequest` as written. */
export type RefreshExternalCollectionRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly external_source?: string | undefined
  readonly external_spec?: string | undefined
}

/** `milvus.proto.milvus.RefreshExternalCollectionResponse` as read. */
export type RefreshExternalCollectionResponse = {
  readonly status: Status | null
  readonly job_id: bigint
}
/** `milvus.proto.milvus.RefreshExternalCollectionResponse` as written. */
export type RefreshExternalCollectionResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly job_id?: number | bigint | undefined
}

/** `milvus.proto.milvus.GetRefreshExternalCollectionProgressRequest` as read. */
export type GetRefreshExternalCollectionProgressRequest = {
  readonly base: MsgBase | null
  readonly job_id: bigint
}
/** `milvus.proto.milvus.GetRefreshExternalCollectionProgressRequest` as written. */
export type GetRefreshExternalCollectionProgressRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly job_id?: number | bigint | undefined
}

/** `milvus.proto.milvus.RefreshExternalCollectionJobInfo` as read. */
export type RefreshExternalCollectionJobInfo = {
  readonly job_id: bigint
  readonly collection_name: string
  readonly state: RefreshExternalCollectionState
  readonly progress: bigint
  readonly reason: string
  readonly external_source: string
  readonly start_time: bigint
  readonly end_time: bigint
  readonly external_spec: string
}
/** `milvus.proto.milvus.RefreshExternalCollectionJobInfo` as written. */
export type RefreshExternalCollectionJobInfoInput = {
  readonly job_id?: number | bigint | undefined
  readonly collection_name?: string | undefined
  readonly state?: RefreshExternalCollectionState | undefined
  readonly progress?: number | bigint | undefined
  readonly reason?: string | undefined
  readonly external_source?: string | undefined
  readonly start_time?: number | bigint | undefined
  readonly end_time?: number | bigint | undefined
  readonly external_spec?: string | undefined
}

/** `milvus.proto.milvus.GetRefreshExternalCollectionProgressResponse` as read. */
export type GetRefreshExternalCollectionProgressResponse = {
  readonly status: Status | null
  readonly job_info: RefreshExternalCollectionJobInfo | null
}
/** `milvus.proto.milvus.GetRefreshExternalCollectionProgressResponse` as written. */
export type GetRefreshExternalCollectionProgressResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly job_info?: RefreshExternalCollectionJobInfoInput | null | undefined
}

/** `milvus.proto.milvus.ListRefreshExternalCollectionJobsRequest` as read. */
export type ListRefreshExternalCollectionJobsRequest = {
  readonly base: MsgBase | null
  readonly db_name: string
  readonly collection_name: string
}
/** `milvus.proto.milvus.ListRefreshExternalCollectionJobsRequest` as written. */
export type ListRefreshExternalCollectionJobsRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
}

/** `milvus.proto.milvus.ListRefreshExternalCollectionJobsResponse` as read. */
export type ListRefreshExternalCollectionJobsResponse = {
  readonly status: Status | null
  readonly jobs: ReadonlyArray<RefreshExternalCollectionJobInfo>
}
/** `milvus.proto.milvus.ListRefreshExternalCollectionJobsResponse` as written. */
export type ListRefreshExternalCollectionJobsResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly jobs?: ReadonlyArray<RefreshExternalCollectionJobInfoInput> | undefined
}

/** `milvus.proto.milvus.ExportSnapshotInfo` as read. */
export type ExportSnapshotInfo = {
  readonly job_id: bigint
  readonly snapshot_name: string
  readonly db_name: string
  readonly collection_name: string
  readonly state: ExportSnapshotState
  readonly progress: number
  readonly reason: string
  readonly start_time: bigint
  readonly time_cost: bigint
  readonly total_files: bigint
  readonly copied_files: bigint
  readonly snapshot_metadata_uri: string
  readonly total_bytes: bigint
}
/** `milvus.proto.milvus.ExportSnapshotInfo` as written. */
export type ExportSnapshotInfoInput = {
  readonly job_id?: number | bigint | undefined
  readonly snapshot_name?: string | undefined
  readonly db_name?: string | undefined
  readonly collection_name?: string | undefined
  readonly state?: ExportSnapshotState | undefined
  readonly progress?: number | undefined
  readonly reason?: string | undefined
  readonly start_time?: number | bigint | undefined
  readonly time_cost?: number | bigint | undefined
  readonly total_files?: number | bigint | undefined
  readonly copied_files?: number | bigint | undefined
  readonly snapshot_metadata_uri?: string | undefined
  readonly total_bytes?: number | bigint | undefined
}

/** `milvus.proto.milvus.GetExportSnapshotStateRequest` as read. */
export type GetExportSnapshotStateRequest = {
  readonly base: MsgBase | null
  readonly job_id: bigint
}
/** `milvus.proto.milvus.GetExportSnapshotStateRequest` as written. */
export type GetExportSnapshotStateRequestInput = {
  readonly base?: MsgBaseInput | null | undefined
  readonly job_id?: number | bigint | undefined
}

/** `milvus.proto.milvus.GetExportSnapshotStateResponse` as read. */
export type GetExportSnapshotStateResponse = {
  readonly status: Status | null
  readonly info: ExportSnapshotInfo | null
}
/** `milvus.proto.milvus.GetExportSnapshotStateResponse` as written. */
export type GetExportSnapshotStateResponseInput = {
  readonly status?: StatusInput | null | undefined
  readonly info?: ExportSnapshotInfoInput | null | undefined
}

/** A value of `milvus.proto.milvus.ShowType`: its name, or a number that has none here. */
export type ShowType =
  | "All"
  | "InMemory"
  | number

/** A value of `milvus.proto.milvus.PrewarmTaskState`: its name, or a number that has none here. */
export type PrewarmTaskState =
  | "PrewarmTaskStateUnknown"
  | "PrewarmTaskStatePending"
  | "PrewarmTaskStateWarming"
  | "PrewarmTaskStateCompleted"
  | "PrewarmTaskStateFailed"
  | number

/** A value of `milvus.proto.milvus.OperatePrivilegeGroupType`: its name, or a number that has none here. */
export type OperatePrivilegeGroupType =
  | "AddPrivilegesToGroup"
  | "RemovePrivilegesFromGroup"
  | number

/** A value of `milvus.proto.milvus.OperateUserRoleType`: its name, or a number that has none here. */
export type OperateUserRoleType =
  | "AddUserToRole"
  | "RemoveUserFromRole"
  | number

/** A value of `milvus.proto.milvus.OperatePrivilegeType`: its name, or a number that has none here. */
export type OperatePrivilegeType =
  | "Grant"
  | "Revoke"
  | number

/** A value of `milvus.proto.milvus.QuotaState`: its name, or a number that has none here. */
export type QuotaState =
  | "Unknown"
  | "ReadLimited"
  | "WriteLimited"
  | "DenyToRead"
  | "DenyToWrite"
  | "DenyToDDL"
  | number

/** A value of `milvus.proto.milvus.RowPolicyAction`: its name, or a number that has none here. */
export type RowPolicyAction =
  | "Query"
  | "Search"
  | "Insert"
  | "Delete"
  | "Upsert"
  | "QueryIterator"
  | "SearchIterator"
  | "HybridSearch"
  | number

/** A value of `milvus.proto.milvus.RowPolicyType`: its name, or a number that has none here. */
export type RowPolicyType =
  | "RowPolicyTypeUnknown"
  | "RowPolicyTypePermissive"
  | "RowPolicyTypeRestrictive"
  | number

/** A value of `milvus.proto.milvus.RestoreSnapshotState`: its name, or a number that has none here. */
export type RestoreSnapshotState =
  | "RestoreSnapshotNone"
  | "RestoreSnapshotPending"
  | "RestoreSnapshotExecuting"
  | "RestoreSnapshotCompleted"
  | "RestoreSnapshotFailed"
  | number

/** A value of `milvus.proto.milvus.RefreshExternalCollectionState`: its name, or a number that has none here. */
export type RefreshExternalCollectionState =
  | "RefreshPending"
  | "RefreshInProgress"
  | "RefreshCompleted"
  | "RefreshFailed"
  | number

/** A value of `milvus.proto.milvus.ExportSnapshotState`: its name, or a number that has none here. */
export type ExportSnapshotState =
  | "ExportSnapshotNone"
  | "ExportSnapshotPending"
  | "ExportSnapshotExecuting"
  | "ExportSnapshotCompleted"
  | "ExportSnapshotFailed"
  | number

/** `milvus.proto.msg.MsgPosition` as read. */
export type MsgPosition = {
  readonly channel_name: string
  readonly msgID: Uint8Array
  readonly msgGroup: string
  readonly timestamp: bigint
  readonly WAL_name: WALName
}
/** `milvus.proto.msg.MsgPosition` as written. */
export type MsgPositionInput = {
  readonly channel_name?: string | undefined
  readonly msgID?: Uint8Array | undefined
  readonly msgGroup?: string | undefined
  readonly timestamp?: number | bigint | undefined
  readonly WAL_name?: WALName | undefined
}

/** `milvus.proto.rg.ResourceGroupLimit` as read. */
export type ResourceGroupLimit = {
  readonly node_num: number
}
/** `milvus.proto.rg.ResourceGroupLimit` as written. */
export type ResourceGroupLimitInput = {
  readonly node_num?: number | undefined
}

/** `milvus.proto.rg.ResourceGroupTransfer` as read. */
export type ResourceGroupTransfer = {
  readonly resource_group: string
}
/** `milvus.proto.rg.ResourceGroupTransfer` as written. */
export type ResourceGroupTransferInput = {
  readonly resource_group?: string | undefined
}

/** `milvus.proto.rg.ResourceGroupNodeFilter` as read. */
export type ResourceGroupNodeFilter = {
  readonly node_labels: ReadonlyArray<KeyValuePair>
}
/** `milvus.proto.rg.ResourceGroupNodeFilter` as written. */
export type ResourceGroupNodeFilterInput = {
  readonly node_labels?: ReadonlyArray<KeyValuePairInput> | undefined
}

/** `milvus.proto.rg.ResourceGroupConfig` as read. */
export type ResourceGroupConfig = {
  readonly requests: ResourceGroupLimit | null
  readonly limits: ResourceGroupLimit | null
  readonly transfer_from: ReadonlyArray<ResourceGroupTransfer>
  readonly transfer_to: ReadonlyArray<ResourceGroupTransfer>
  readonly node_filter: ResourceGroupNodeFilter | null
}
/** `milvus.proto.rg.ResourceGroupConfig` as written. */
export type ResourceGroupConfigInput = {
  readonly requests?: ResourceGroupLimitInput | null | undefined
  readonly limits?: ResourceGroupLimitInput | null | undefined
  readonly transfer_from?: ReadonlyArray<ResourceGroupTransferInput> | undefined
  readonly transfer_to?: ReadonlyArray<ResourceGroupTransferInput> | undefined
  readonly node_filter?: ResourceGroupNodeFilterInput | null | undefined
}

/** `milvus.proto.schema.FieldSchema` as read. */
export type FieldSchema = {
  readonly fieldID: bigint
  readonly name: string
  readonly is_primary_key: boolean
  readonly description: string
  readonly data_type: DataType
  readonly type_params: ReadonlyArray<KeyValuePair>
  readonly index_params: ReadonlyArray<KeyValuePair>
  readonly autoID: boolean
  readonly state: FieldState
  readonly element_type: DataType
  readonly default_value: ValueField | null
  readonly is_dynamic: boolean
  readonly is_partition_key: boolean
  readonly is_clustering_key: boolean
  readonly nullable: boolean
  readonly is_function_output: boolean
  readonly external_field: string
  readonly type_schema: TypeSchema | null
  readonly element_nullable: boolean
}
/** `milvus.proto.schema.FieldSchema` as written. */
export type FieldSchemaInput = {
  readonly fieldID?: number | bigint | undefined
  readonly name?: string | undefined
  readonly is_primary_key?: boolean | undefined
  readonly description?: string | undefined
  readonly data_type?: DataType | undefined
  readonly type_params?: ReadonlyArray<KeyValuePairInput> | undefined
  readonly index_params?: ReadonlyArray<KeyValuePairInput> | undefined
  readonly autoID?: boolean | undefined
  readonly state?: FieldState | undefined
  readonly element_type?: DataType | undefined
  readonly default_value?: ValueFieldInput | null | undefined
  readonly is_dynamic?: boolean | undefined
  readonly is_partition_key?: boolean | undefined
  readonly is_clustering_key?: boolean | undefined
  readonly nullable?: boolean | undefined
  readonly is_function_output?: boolean | undefined
  readonly external_field?: string | undefined
  readonly type_schema?: TypeSchemaInput | null | undefined
  readonly element_nullable?: boolean | undefined
}

/** `milvus.proto.schema.FunctionSchema` as read. */
export type FunctionSchema = {
  readonly name: string
  readonly id: bigint
  readonly description: string
  readonly type: FunctionType
  readonly input_field_names: ReadonlyArray<string>
  readonly input_field_ids: ReadonlyArray<bigint>
  readonly output_field_names: ReadonlyArray<string>
  readonly output_field_ids: ReadonlyArray<bigint>
  readonly params: ReadonlyArray<KeyValuePair>
}
/** `milvus.proto.schema.FunctionSchema` as written. */
export type FunctionSchemaInput = {
  readonly name?: string | undefined
  readonly id?: number | bigint | undefined
  readonly description?: string | undefined
  readonly type?: FunctionType | undefined
  readonly input_field_names?: ReadonlyArray<string> | undefined
  readonly input_field_ids?: ReadonlyArray<number | bigint> | undefined
  readonly output_field_names?: ReadonlyArray<string> | undefined
  readonly output_field_ids?: ReadonlyArray<number | bigint> | undefined
  readonly params?: ReadonlyArray<KeyValuePairInput> | undefined
}

/** `milvus.proto.schema.FunctionScore` as read. */
export type FunctionScore = {
  readonly functions: ReadonlyArray<FunctionSchema>
  readonly params: ReadonlyArray<KeyValuePair>
}
/** `milvus.proto.schema.FunctionScore` as written. */
export type FunctionScoreInput = {
  readonly functions?: ReadonlyArray<FunctionSchemaInput> | undefined
  readonly params?: ReadonlyArray<KeyValuePairInput> | undefined
}

/** `milvus.proto.schema.FunctionChain` as read. */
export type FunctionChain = {
  readonly name: string
  readonly stage: FunctionChainStage
  readonly ops: ReadonlyArray<FunctionChainOp>
}
/** `milvus.proto.schema.FunctionChain` as written. */
export type FunctionChainInput = {
  readonly name?: string | undefined
  readonly stage?: FunctionChainStage | undefined
  readonly ops?: ReadonlyArray<FunctionChainOpInput> | undefined
}

/** `milvus.proto.schema.FunctionChainOp` as read. */
export type FunctionChainOp = {
  readonly op: string
  readonly expr: FunctionChainExpr | null
  readonly inputs: ReadonlyArray<string>
  readonly outputs: ReadonlyArray<string>
  readonly params: { readonly [key: string]: FunctionParamValue }
}
/** `milvus.proto.schema.FunctionChainOp` as written. */
export type FunctionChainOpInput = {
  readonly op?: string | undefined
  readonly expr?: FunctionChainExprInput | null | undefined
  readonly inputs?: ReadonlyArray<string> | undefined
  readonly outputs?: ReadonlyArray<string> | undefined
  readonly params?: { readonly [key: string]: FunctionParamValueInput } | undefined
}

/** `milvus.proto.schema.FunctionChainExpr` as read. */
export type FunctionChainExpr = {
  readonly name: string
  readonly args: ReadonlyArray<FunctionChainExprArg>
  readonly params: { readonly [key: string]: FunctionParamValue }
}
/** `milvus.proto.schema.FunctionChainExpr` as written. */
export type FunctionChainExprInput = {
  readonly name?: string | undefined
  readonly args?: ReadonlyArray<FunctionChainExprArgInput> | undefined
  readonly params?: { readonly [key: string]: FunctionParamValueInput } | undefined
}

/** `milvus.proto.schema.FunctionChainExprArg` as read. */
export type FunctionChainExprArg = {
  readonly column?: FunctionChainColumnArg
  readonly literal?: FunctionParamValue
  readonly arg?: "column" | "literal"
}
/** `milvus.proto.schema.FunctionChainExprArg` as written. */
export type FunctionChainExprArgInput = {
  readonly column?: FunctionChainColumnArgInput | null | undefined
  readonly literal?: FunctionParamValueInput | null | undefined
}

/** `milvus.proto.schema.FunctionChainColumnArg` as read. */
export type FunctionChainColumnArg = {
  readonly name: string
}
/** `milvus.proto.schema.FunctionChainColumnArg` as written. */
export type FunctionChainColumnArgInput = {
  readonly name?: string | undefined
}

/** `milvus.proto.schema.FunctionParamValue` as read. */
export type FunctionParamValue = {
  readonly bool_value?: boolean
  readonly int64_value?: bigint
  readonly double_value?: number
  readonly string_value?: string
  readonly array_value?: FunctionParamArray
  readonly object_value?: FunctionParamObject
  readonly bytes_value?: Uint8Array
  readonly value?: "bool_value" | "int64_value" | "double_value" | "string_value" | "array_value" | "object_value" | "bytes_value"
}
/** `milvus.proto.schema.FunctionParamValue` as written. */
export type FunctionParamValueInput = {
  readonly bool_value?: boolean | undefined
  readonly int64_value?: number | bigint | undefined
  readonly double_value?: number | undefined
  readonly string_value?: string | undefined
  readonly array_value?: FunctionParamArrayInput | null | undefined
  readonly object_value?: FunctionParamObjectInput | null | undefined
  readonly bytes_value?: Uint8Array | undefined
}

/** `milvus.proto.schema.FunctionParamArray` as read. */
export type FunctionParamArray = {
  readonly values: ReadonlyArray<FunctionParamValue>
}
/** `milvus.proto.schema.FunctionParamArray` as written. */
export type FunctionParamArrayInput = {
  readonly values?: ReadonlyArray<FunctionParamValueInput> | undefined
}

/** `milvus.proto.schema.FunctionParamObject` as read. */
export type FunctionParamObject = {
  readonly fields: { readonly [key: string]: FunctionParamValue }
}
/** `milvus.proto.schema.FunctionParamObject` as written. */
export type FunctionParamObjectInput = {
  readonly fields?: { readonly [key: string]: FunctionParamValueInput } | undefined
}

/** `milvus.proto.schema.CollectionSchema` as read. */
export type CollectionSchema = {
  readonly name: string
  readonly description: string
  /** @deprecated */
  readonly autoID: boolean
  readonly fields: ReadonlyArray<FieldSchema>
  readonly enable_dynamic_field: boolean
  readonly properties: ReadonlyArray<KeyValuePair>
  readonly functions: ReadonlyArray<FunctionSchema>
  readonly dbName: string
  readonly struct_array_fields: ReadonlyArray<StructArrayFieldSchema>
  readonly version: number
  readonly external_source: string
  readonly external_spec: string
  readonly do_physical_backfill: boolean
  readonly file_resource_ids: ReadonlyArray<bigint>
  readonly enable_namespace: boolean
}
/** `milvus.proto.schema.CollectionSchema` as written. */
export type CollectionSchemaInput = {
  readonly name?: string | undefined
  readonly description?: string | undefined
  /** @deprecated */
  readonly autoID?: boolean | undefined
  readonly fields?: ReadonlyArray<FieldSchemaInput> | undefined
  readonly enable_dynamic_field?: boolean | undefined
  readonly properties?: ReadonlyArray<KeyValuePairInput> | undefined
  readonly functions?: ReadonlyArray<FunctionSchemaInput> | undefined
  readonly dbName?: string | undefined
  readonly struct_array_fields?: ReadonlyArray<StructArrayFieldSchemaInput> | undefined
  readonly version?: number | undefined
  readonly external_source?: string | undefined
  readonly external_spec?: string | undefined
  readonly do_physical_backfill?: boolean | undefined
  readonly file_resource_ids?: ReadonlyArray<number | bigint> | undefined
  readonly enable_namespace?: boolean | undefined
}

/** `milvus.proto.schema.StructArrayFieldSchema` as read. */
export type StructArrayFieldSchema = {
  readonly fieldID: bigint
  readonly name: string
  readonly description: string
  readonly fields: ReadonlyArray<FieldSchema>
  readonly type_params: ReadonlyArray<KeyValuePair>
  readonly nullable: boolean
}
/** `milvus.proto.schema.StructArrayFieldSchema` as written. */
export type StructArrayFieldSchemaInput = {
  readonly fieldID?: number | bigint | undefined
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly fields?: ReadonlyArray<FieldSchemaInput> | undefined
  readonly type_params?: ReadonlyArray<KeyValuePairInput> | undefined
  readonly nullable?: boolean | undefined
}

/** `milvus.proto.schema.BoolArray` as read. */
export type BoolArray = {
  readonly data: ReadonlyArray<boolean>
}
/** `milvus.proto.schema.BoolArray` as written. */
export type BoolArrayInput = {
  readonly data?: ReadonlyArray<boolean> | undefined
}

/** `milvus.proto.schema.IntArray` as read. */
export type IntArray = {
  readonly data: ReadonlyArray<number>
}
/** `milvus.proto.schema.IntArray` as written. */
export type IntArrayInput = {
  readonly data?: ReadonlyArray<number> | undefined
}

/** `milvus.proto.schema.LongArray` as read. */
export type LongArray = {
  readonly data: ReadonlyArray<bigint>
}
/** `milvus.proto.schema.LongArray` as written. */
export type LongArrayInput = {
  readonly data?: ReadonlyArray<number | bigint> | undefined
}

/** `milvus.proto.schema.FloatArray` as read. */
export type FloatArray = {
  readonly data: ReadonlyArray<number>
}
/** `milvus.proto.schema.FloatArray` as written. */
export type FloatArrayInput = {
  readonly data?: ReadonlyArray<number> | undefined
}

/** `milvus.proto.schema.DoubleArray` as read. */
export type DoubleArray = {
  readonly data: ReadonlyArray<number>
}
/** `milvus.proto.schema.DoubleArray` as written. */
export type DoubleArrayInput = {
  readonly data?: ReadonlyArray<number> | undefined
}

/** `milvus.proto.schema.BytesArray` as read. */
export type BytesArray = {
  readonly data: ReadonlyArray<Uint8Array>
}
/** `milvus.proto.schema.BytesArray` as written. */
export type BytesArrayInput = {
  readonly data?: ReadonlyArray<Uint8Array> | undefined
}

/** `milvus.proto.schema.StringArray` as read. */
export type StringArray = {
  readonly data: ReadonlyArray<string>
}
/** `milvus.proto.schema.StringArray` as written. */
export type StringArrayInput = {
  readonly data?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.schema.UUIDArray` as read. */
export type UUIDArray = {
  readonly data: ReadonlyArray<Uint8Array>
}
/** `milvus.proto.schema.UUIDArray` as written. */
export type UUIDArrayInput = {
  readonly data?: ReadonlyArray<Uint8Array> | undefined
}

/** `milvus.proto.schema.ArrayArray` as read. */
export type ArrayArray = {
  readonly data: ReadonlyArray<ScalarField>
  readonly element_type: DataType
}
/** `milvus.proto.schema.ArrayArray` as written. */
export type ArrayArrayInput = {
  readonly data?: ReadonlyArray<ScalarFieldInput> | undefined
  readonly element_type?: DataType | undefined
}

/** `milvus.proto.schema.JSONArray` as read. */
export type JSONArray = {
  readonly data: ReadonlyArray<Uint8Array>
}
/** `milvus.proto.schema.JSONArray` as written. */
export type JSONArrayInput = {
  readonly data?: ReadonlyArray<Uint8Array> | undefined
}

/** `milvus.proto.schema.GeometryArray` as read. */
export type GeometryArray = {
  readonly data: ReadonlyArray<Uint8Array>
}
/** `milvus.proto.schema.GeometryArray` as written. */
export type GeometryArrayInput = {
  readonly data?: ReadonlyArray<Uint8Array> | undefined
}

/** `milvus.proto.schema.TimestamptzArray` as read. */
export type TimestamptzArray = {
  readonly data: ReadonlyArray<bigint>
}
/** `milvus.proto.schema.TimestamptzArray` as written. */
export type TimestamptzArrayInput = {
  readonly data?: ReadonlyArray<number | bigint> | undefined
}

/** `milvus.proto.schema.DateArray` as read. */
export type DateArray = {
  readonly data: ReadonlyArray<number>
}
/** `milvus.proto.schema.DateArray` as written. */
export type DateArrayInput = {
  readonly data?: ReadonlyArray<number> | undefined
}

/** `milvus.proto.schema.TimeArray` as read. */
export type TimeArray = {
  readonly data: ReadonlyArray<bigint>
}
/** `milvus.proto.schema.TimeArray` as written. */
export type TimeArrayInput = {
  readonly data?: ReadonlyArray<number | bigint> | undefined
}

/** `milvus.proto.schema.GeometryWktArray` as read. */
export type GeometryWktArray = {
  readonly data: ReadonlyArray<string>
}
/** `milvus.proto.schema.GeometryWktArray` as written. */
export type GeometryWktArrayInput = {
  readonly data?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.schema.MolArray` as read. */
export type MolArray = {
  readonly data: ReadonlyArray<Uint8Array>
}
/** `milvus.proto.schema.MolArray` as written. */
export type MolArrayInput = {
  readonly data?: ReadonlyArray<Uint8Array> | undefined
}

/** `milvus.proto.schema.MolSmilesArray` as read. */
export type MolSmilesArray = {
  readonly data: ReadonlyArray<string>
}
/** `milvus.proto.schema.MolSmilesArray` as written. */
export type MolSmilesArrayInput = {
  readonly data?: ReadonlyArray<string> | undefined
}

/** `milvus.proto.schema.ValueField` as read. */
export type ValueField = {
  readonly bool_data?: boolean
  readonly int_data?: number
  readonly long_data?: bigint
  readonly float_data?: number
  readonly double_data?: number
  readonly string_data?: string
  readonly bytes_data?: Uint8Array
  readonly timestamptz_data?: bigint
  readonly date_data?: number
  readonly time_data?: bigint
  readonly data?: "bool_data" | "int_data" | "long_data" | "float_data" | "double_data" | "string_data" | "bytes_data" | "timestamptz_data" | "date_data" | "time_data"
}
/** `milvus.proto.schema.ValueField` as written. */
export type ValueFieldInput = {
  readonly bool_data?: boolean | undefined
  readonly int_data?: number | undefined
  readonly long_data?: number | bigint | undefined
  readonly float_data?: number | undefined
  readonly double_data?: number | undefined
  readonly string_data?: string | undefined
  readonly bytes_data?: Uint8Array | undefined
  readonly timestamptz_data?: number | bigint | undefined
  readonly date_data?: number | undefined
  readonly time_data?: number | bigint | undefined
}

/** `milvus.proto.schema.ScalarField` as read. */
export type ScalarField = {
  readonly bool_data?: BoolArray
  readonly int_data?: IntArray
  readonly long_data?: LongArray
  readonly float_data?: FloatArray
  readonly double_data?: DoubleArray
  readonly string_data?: StringArray
  readonly bytes_data?: BytesArray
  readonly array_data?: ArrayArray
  readonly json_data?: JSONArray
  readonly geometry_data?: GeometryArray
  readonly timestamptz_data?: TimestamptzArray
  readonly geometry_wkt_data?: GeometryWktArray
  readonly mol_data?: MolArray
  readonly mol_smiles_data?: MolSmilesArray
  readonly date_data?: DateArray
  readonly time_data?: TimeArray
  readonly valid_data: ReadonlyArray<boolean>
  readonly data?: "bool_data" | "int_data" | "long_data" | "float_data" | "double_data" | "string_data" | "bytes_data" | "array_data" | "json_data" | "geometry_data" | "timestamptz_data" | "geometry_wkt_data" | "mol_data" | "mol_smiles_data" | "date_data" | "time_data"
}
/** `milvus.proto.schema.ScalarField` as written. */
export type ScalarFieldInput = {
  readonly bool_data?: BoolArrayInput | null | undefined
  readonly int_data?: IntArrayInput | null | undefined
  readonly long_data?: LongArrayInput | null | undefined
  readonly float_data?: FloatArrayInput | null | undefined
  readonly double_data?: DoubleArrayInput | null | undefined
  readonly string_data?: StringArrayInput | null | undefined
  readonly bytes_data?: BytesArrayInput | null | undefined
  readonly array_data?: ArrayArrayInput | null | undefined
  readonly json_data?: JSONArrayInput | null | undefined
  readonly geometry_data?: GeometryArrayInput | null | undefined
  readonly timestamptz_data?: TimestamptzArrayInput | null | undefined
  readonly geometry_wkt_data?: GeometryWktArrayInput | null | undefined
  readonly mol_data?: MolArrayInput | null | undefined
  readonly mol_smiles_data?: MolSmilesArrayInput | null | undefined
  readonly date_data?: DateArrayInput | null | undefined
  readonly time_data?: TimeArrayInput | null | undefined
  readonly valid_data?: ReadonlyArray<boolean> | undefined
}

/** `milvus.proto.schema.SparseFloatArray` as read. */
export type SparseFloatArray = {
  readonly contents: ReadonlyArray<Uint8Array>
  readonly dim: bigint
}
/** `milvus.proto.schema.SparseFloatArray` as written. */
export type SparseFloatArrayInput = {
  readonly contents?: ReadonlyArray<Uint8Array> | undefined
  readonly dim?: number | bigint | undefined
}

/** `milvus.proto.schema.VectorField` as read. */
export type VectorField = {
  readonly dim: bigint
  readonly float_vector?: FloatArray
  readonly binary_vector?: Uint8Array
  readonly float16_vector?: Uint8Array
  readonly bfloat16_vector?: Uint8Array
  readonly sparse_float_vector?: SparseFloatArray
  readonly int8_vector?: Uint8Array
  readonly vector_array?: VectorArray
  readonly valid_data: ReadonlyArray<boolean>
  readonly data?: "float_vector" | "binary_vector" | "float16_vector" | "bfloat16_vector" | "sparse_float_vector" | "int8_vector" | "vector_array"
}
/** `milvus.proto.schema.VectorField` as written. */
export type VectorFieldInput = {
  readonly dim?: number | bigint | undefined
  readonly float_vector?: FloatArrayInput | null | undefined
  readonly binary_vector?: Uint8Array | undefined
  readonly float16_vector?: Uint8Array | undefined
  readonly bfloat16_vector?: Uint8Array | undefined
  readonly sparse_float_vector?: SparseFloatArrayInput | null | undefined
  readonly int8_vector?: Uint8Array | undefined
  readonly vector_array?: VectorArrayInput | null | undefined
  readonly valid_data?: ReadonlyArray<boolean> | undefined
}

/** `milvus.proto.schema.VectorArray` as read. */
export type VectorArray = {
  readonly dim: bigint
  readonly data: ReadonlyArray<VectorField>
  readonly element_type: DataType
}
/** `milvus.proto.schema.VectorArray` as written. */
export type VectorArrayInput = {
  readonly dim?: number | bigint | undefined
  readonly data?: ReadonlyArray<VectorFieldInput> | undefined
  readonly element_type?: DataType | undefined
}

/** `milvus.proto.schema.StructArrayField` as read. */
export type StructArrayField = {
  readonly fields: ReadonlyArray<FieldData>
}
/** `milvus.proto.schema.StructArrayField` as written. */
export type StructArrayFieldInput = {
  readonly fields?: ReadonlyArray<FieldDataInput> | undefined
}

/** `milvus.proto.schema.FieldPartialUpdateOp` as read. */
export type FieldPartialUpdateOp = {
  readonly field_name: string
  readonly op: FieldPartialUpdateOp_OpType
  readonly path: string
}
/** `milvus.proto.schema.FieldPartialUpdateOp` as written. */
export type FieldPartialUpdateOpInput = {
  readonly field_name?: string | undefined
  readonly op?: FieldPartialUpdateOp_OpType | undefined
  readonly path?: string | undefined
}

/** A value of `milvus.proto.schema.FieldPartialUpdateOp.OpType`: its name, or a number that has none here. */
export type FieldPartialUpdateOp_OpType =
  | "REPLACE"
  | "ARRAY_APPEND"
  | "ARRAY_REMOVE"
  | "PATH_REPLACE"
  | number

/** `milvus.proto.schema.FieldData` as read. */
export type FieldData = {
  readonly type: DataType
  readonly field_name: string
  readonly scalars?: ScalarField
  readonly vectors?: VectorField
  readonly struct_arrays?: StructArrayField
  readonly field_id: bigint
  readonly is_dynamic: boolean
  readonly valid_data: ReadonlyArray<boolean>
  readonly field?: "scalars" | "vectors" | "struct_arrays"
}
/** `milvus.proto.schema.FieldData` as written. */
export type FieldDataInput = {
  readonly type?: DataType | undefined
  readonly field_name?: string | undefined
  readonly scalars?: ScalarFieldInput | null | undefined
  readonly vectors?: VectorFieldInput | null | undefined
  readonly struct_arrays?: StructArrayFieldInput | null | undefined
  readonly field_id?: number | bigint | undefined
  readonly is_dynamic?: boolean | undefined
  readonly valid_data?: ReadonlyArray<boolean> | undefined
}

/** `milvus.proto.schema.IDs` as read. */
export type IDs = {
  readonly int_id?: LongArray
  readonly str_id?: StringArray
  readonly uuid_id?: UUIDArray
  readonly id_field?: "int_id" | "str_id" | "uuid_id"
}
/** `milvus.proto.schema.IDs` as written. */
export type IDsInput = {
  readonly int_id?: LongArrayInput | null | undefined
  readonly str_id?: StringArrayInput | null | undefined
  readonly uuid_id?: UUIDArrayInput | null | undefined
}

/** `milvus.proto.schema.SearchIteratorV2Results` as read. */
export type SearchIteratorV2Results = {
  readonly token: string
  readonly last_bound: number
}
/** `milvus.proto.schema.SearchIteratorV2Results` as written. */
export type SearchIteratorV2ResultsInput = {
  readonly token?: string | undefined
  readonly last_bound?: number | undefined
}

/** `milvus.proto.schema.SearchResultData` as read. */
export type SearchResultData = {
  readonly num_queries: bigint
  readonly top_k: bigint
  readonly fields_data: ReadonlyArray<FieldData>
  readonly scores: ReadonlyArray<number>
  readonly ids: IDs | null
  readonly topks: ReadonlyArray<bigint>
  readonly output_fields: ReadonlyArray<string>
  readonly group_by_field_value: FieldData | null
  readonly all_search_count: bigint
  readonly distances: ReadonlyArray<number>
  readonly search_iterator_v2_results?: SearchIteratorV2Results
  readonly recalls: ReadonlyArray<number>
  readonly primary_field_name: string
  readonly highlight_results: ReadonlyArray<HighlightResult>
  readonly element_indices: LongArray | null
  readonly group_by_field_values: ReadonlyArray<FieldData>
  readonly agg_buckets: ReadonlyArray<AggBucket>
  readonly agg_topks: ReadonlyArray<bigint>
  readonly _search_iterator_v2_results?: "search_iterator_v2_results"
}
/** `milvus.proto.schema.SearchResultData` as written. */
export type SearchResultDataInput = {
  readonly num_queries?: number | bigint | undefined
  readonly top_k?: number | bigint | undefined
  readonly fields_data?: ReadonlyArray<FieldDataInput> | undefined
  readonly scores?: ReadonlyArray<number> | undefined
  readonly ids?: IDsInput | null | undefined
  readonly topks?: ReadonlyArray<number | bigint> | undefined
  readonly output_fields?: ReadonlyArray<string> | undefined
  readonly group_by_field_value?: FieldDataInput | null | undefined
  readonly all_search_count?: number | bigint | undefined
  readonly distances?: ReadonlyArray<number> | undefined
  readonly search_iterator_v2_results?: SearchIteratorV2ResultsInput | null | undefined
  readonly recalls?: ReadonlyArray<number> | undefined
  readonly primary_field_name?: string | undefined
  readonly highlight_results?: ReadonlyArray<HighlightResultInput> | undefined
  readonly element_indices?: LongArrayInput | null | undefined
  readonly group_by_field_values?: ReadonlyArray<FieldDataInput> | undefined
  readonly agg_buckets?: ReadonlyArray<AggBucketInput> | undefined
  readonly agg_topks?: ReadonlyArray<number | bigint> | undefined
}

/** `milvus.proto.schema.AggBucket` as read. */
export type AggBucket = {
  readonly key: ReadonlyArray<BucketKeyEntry>
  readonly count: bigint
  readonly metrics: { readonly [key: string]: MetricValue }
  readonly hits: ReadonlyArray<AggHit>
  readonly sub_groups: ReadonlyArray<AggBucket>
}
/** `milvus.proto.schema.AggBucket` as written. */
export type AggBucketInput = {
  readonly key?: ReadonlyArray<BucketKeyEntryInput> | undefined
  readonly count?: number | bigint | undefined
  readonly metrics?: { readonly [key: string]: MetricValueInput } | undefined
  readonly hits?: ReadonlyArray<AggHitInput> | undefined
  readonly sub_groups?: ReadonlyArray<AggBucketInput> | undefined
}

/** `milvus.proto.schema.MetricValue` as read. */
export type MetricValue = {
  readonly int_val?: bigint
  readonly double_val?: number
  readonly string_val?: string
  readonly bool_val?: boolean
  readonly value?: "int_val" | "double_val" | "string_val" | "bool_val"
}
/** `milvus.proto.schema.MetricValue` as written. */
export type MetricValueInput = {
  readonly int_val?: number | bigint | undefined
  readonly double_val?: number | undefined
  readonly string_val?: string | undefined
  readonly bool_val?: boolean | undefined
}

/** `milvus.proto.schema.BucketKeyEntry` as read. */
export type BucketKeyEntry = {
  readonly field_id: bigint
  readonly field_name: string
  readonly int_val?: bigint
  readonly string_val?: string
  readonly bool_val?: boolean
  readonly value?: "int_val" | "string_val" | "bool_val"
}
/** `milvus.proto.schema.BucketKeyEntry` as written. */
export type BucketKeyEntryInput = {
  readonly field_id?: number | bigint | undefined
  readonly field_name?: string | undefined
  readonly int_val?: number | bigint | undefined
  readonly string_val?: string | undefined
  readonly bool_val?: boolean | undefined
}

/** `milvus.proto.schema.AggHit` as read. */
export type AggHit = {
  readonly int_pk?: bigint
  readonly str_pk?: string
  readonly score: number
  readonly fields: ReadonlyArray<AggHitField>
  readonly pk?: "int_pk" | "str_pk"
}
/** `milvus.proto.schema.AggHit` as written. */
export type AggHitInput = {
  readonly int_pk?: number | bigint | undefined
  readonly str_pk?: string | undefined
  readonly score?: number | undefined
  readonly fields?: ReadonlyArray<AggHitFieldInput> | undefined
}

/** `milvus.proto.schema.AggHitField` as read. */
export type AggHitField = {
  readonly field_id: bigint
  readonly field_name: string
  readonly int_val?: bigint
  readonly bool_val?: boolean
  readonly float_val?: number
  readonly double_val?: number
  readonly string_val?: string
  readonly bytes_val?: Uint8Array
  readonly value?: "int_val" | "bool_val" | "float_val" | "double_val" | "string_val" | "bytes_val"
}
/** `milvus.proto.schema.AggHitField` as written. */
export type AggHitFieldInput = {
  readonly field_id?: number | bigint | undefined
  readonly field_name?: string | undefined
  readonly int_val?: number | bigint | undefined
  readonly bool_val?: boolean | undefined
  readonly float_val?: number | undefined
  readonly double_val?: number | undefined
  readonly string_val?: string | undefined
  readonly bytes_val?: Uint8Array | undefined
}

/** `milvus.proto.schema.VectorClusteringInfo` as read. */
export type VectorClusteringInfo = {
  readonly field: string
  readonly centroid: VectorField | null
}
/** `milvus.proto.schema.VectorClusteringInfo` as written. */
export type VectorClusteringInfoInput = {
  readonly field?: string | undefined
  readonly centroid?: VectorFieldInput | null | undefined
}

/** `milvus.proto.schema.ScalarClusteringInfo` as read. */
export type ScalarClusteringInfo = {
  readonly field: string
}
/** `milvus.proto.schema.ScalarClusteringInfo` as written. */
export type ScalarClusteringInfoInput = {
  readonly field?: string | undefined
}

/** `milvus.proto.schema.ClusteringInfo` as read. */
export type ClusteringInfo = {
  readonly vector_clustering_infos: ReadonlyArray<VectorClusteringInfo>
  readonly scalar_clustering_infos: ReadonlyArray<ScalarClusteringInfo>
}
/** `milvus.proto.schema.ClusteringInfo` as written. */
export type ClusteringInfoInput = {
  readonly vector_clustering_infos?: ReadonlyArray<VectorClusteringInfoInput> | undefined
  readonly scalar_clustering_infos?: ReadonlyArray<ScalarClusteringInfoInput> | undefined
}

/** `milvus.proto.schema.TemplateValue` as read. */
export type TemplateValue = {
  readonly bool_val?: boolean
  readonly int64_val?: bigint
  readonly float_val?: number
  readonly string_val?: string
  readonly array_val?: TemplateArrayValue
  readonly bytes_val?: Uint8Array
  readonly val?: "bool_val" | "int64_val" | "float_val" | "string_val" | "array_val" | "bytes_val"
}
/** `milvus.proto.schema.TemplateValue` as written. */
export type TemplateValueInput = {
  readonly bool_val?: boolean | undefined
  readonly int64_val?: number | bigint | undefined
  readonly float_val?: number | undefined
  readonly string_val?: string | undefined
  readonly array_val?: TemplateArrayValueInput | null | undefined
  readonly bytes_val?: Uint8Array | undefined
}

/** `milvus.proto.schema.TemplateArrayValue` as read. */
export type TemplateArrayValue = {
  readonly bool_data?: BoolArray
  readonly long_data?: LongArray
  readonly double_data?: DoubleArray
  readonly string_data?: StringArray
  readonly array_data?: TemplateArrayValueArray
  readonly json_data?: JSONArray
  readonly data?: "bool_data" | "long_data" | "double_data" | "string_data" | "array_data" | "json_data"
}
/** `milvus.proto.schema.TemplateArrayValue` as written. */
export type TemplateArrayValueInput = {
  readonly bool_data?: BoolArrayInput | null | undefined
  readonly long_data?: LongArrayInput | null | undefined
  readonly double_data?: DoubleArrayInput | null | undefined
  readonly string_data?: StringArrayInput | null | undefined
  readonly array_data?: TemplateArrayValueArrayInput | null | undefined
  readonly json_data?: JSONArrayInput | null | undefined
}

/** `milvus.proto.schema.TemplateArrayValueArray` as read. */
export type TemplateArrayValueArray = {
  readonly data: ReadonlyArray<TemplateArrayValue>
}
/** `milvus.proto.schema.TemplateArrayValueArray` as written. */
export type TemplateArrayValueArrayInput = {
  readonly data?: ReadonlyArray<TemplateArrayValueInput> | undefined
}

/** `milvus.proto.schema.TypeSchema` as read. */
export type TypeSchema = {
  readonly leaf_type?: DataType
  readonly array_element?: TypeSchema
  readonly type_params: ReadonlyArray<KeyValuePair>
  readonly nullable: boolean
  readonly kind?: "leaf_type" | "array_element"
}
/** `milvus.proto.schema.TypeSchema` as written. */
export type TypeSchemaInput = {
  readonly leaf_type?: DataType | undefined
  readonly array_element?: TypeSchemaInput | null | undefined
  readonly type_params?: ReadonlyArray<KeyValuePairInput> | undefined
  readonly nullable?: boolean | undefined
}

/** `milvus.proto.schema.CollectionShardInfo` as read. */
export type CollectionShardInfo = {
  readonly last_truncate_time_tick: bigint
  readonly state: ShardState
  readonly vchannel_name: string
  readonly hash_routing?: HashRouting
  readonly routing?: "hash_routing"
}
/** `milvus.proto.schema.CollectionShardInfo` as written. */
export type CollectionShardInfoInput = {
  readonly last_truncate_time_tick?: number | bigint | undefined
  readonly state?: ShardState | undefined
  readonly vchannel_name?: string | undefined
  readonly hash_routing?: HashRoutingInput | null | undefined
}

/** `milvus.proto.schema.HashRouting` as read. */
export type HashRouting = {
  readonly buckets: ReadonlyArray<bigint>
}
/** `milvus.proto.schema.HashRouting` as written. */
export type HashRoutingInput = {
  readonly buckets?: ReadonlyArray<number | bigint> | undefined
}

/** A value of `milvus.proto.schema.DataType`: its name, or a number that has none here. */
export type DataType =
  | "None"
  | "Bool"
  | "Int8"
  | "Int16"
  | "Int32"
  | "Int64"
  | "Float"
  | "Double"
  | "String"
  | "VarChar"
  | "Array"
  | "JSON"
  | "Geometry"
  | "Text"
  | "Timestamptz"
  | "Mol"
  | "Date"
  | "Time"
  | "Decimal"
  | "UUID"
  | "BinaryVector"
  | "FloatVector"
  | "Float16Vector"
  | "BFloat16Vector"
  | "SparseFloatVector"
  | "Int8Vector"
  | "ArrayOfVector"
  | "ArrayOfStruct"
  | "Struct"
  | number

/** A value of `milvus.proto.schema.FunctionType`: its name, or a number that has none here. */
export type FunctionType =
  | "Unknown"
  | "BM25"
  | "TextEmbedding"
  | "Rerank"
  | "MinHash"
  | "MolFingerprint"
  | number

/** A value of `milvus.proto.schema.FieldState`: its name, or a number that has none here. */
export type FieldState =
  | "FieldCreated"
  | "FieldCreating"
  | "FieldDropping"
  | "FieldDropped"
  | number

/** A value of `milvus.proto.schema.FunctionChainStage`: its name, or a number that has none here. */
export type FunctionChainStage =
  | "FunctionChainStageUnspecified"
  | "FunctionChainStageIngestion"
  | "FunctionChainStagePreProcess"
  | "FunctionChainStageL0Rerank"
  | "FunctionChainStageL1Rerank"
  | "FunctionChainStageL2Rerank"
  | "FunctionChainStagePostProcess"
  | number

/** A value of `milvus.proto.schema.ShardState`: its name, or a number that has none here. */
export type ShardState =
  | "ShardNormal"
  | "ShardCreating"
  | "ShardSplitting"
  | "ShardDropped"
  | number
