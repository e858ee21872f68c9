/** Every rule, in the order of the README's table. `npm run new:rule` adds a line to both lists. */
import type { Rule } from '../src/rule-sdk.ts';
import { noAttachPartitionScan } from './no-attach-partition-scan/rule.ts';
import { noAutoIncrementColumn } from './no-auto-increment-column/rule.ts';
import { noCascade } from './no-cascade/rule.ts';
import { noCharType } from './no-char-type/rule.ts';
import { noColumnTypeRescan } from './no-column-type-rescan/rule.ts';
import { noColumnTypeRewrite } from './no-column-type-rewrite/rule.ts';
import { noConcurrentInTransaction } from './no-concurrent-in-transaction/rule.ts';
import { noConstrainedDomainColumn } from './no-constrained-domain-column/rule.ts';
import { noCreatePartitionOf } from './no-create-partition-of/rule.ts';
import { noDataChangeWithSchemaChange } from './no-data-change-with-schema-change/rule.ts';
import { noDomainConstraint } from './no-domain-constraint/rule.ts';
import { noDropColumn } from './no-drop-column/rule.ts';
import { noDropConstraintInUse } from './no-drop-constraint-in-use/rule.ts';
import { noDropNotNull } from './no-drop-not-null/rule.ts';
import { noDropSchema } from './no-drop-schema/rule.ts';
import { noDropTable } from './no-drop-table/rule.ts';
import { noEnumValueUseInTransaction } from './no-enum-value-use-in-transaction/rule.ts';
import { noExclusionConstraint } from './no-exclusion-constraint/rule.ts';
import { noForeignKeyDropLock } from './no-foreign-key-drop-lock/rule.ts';
import { noIfNotExistsConcurrentIndex } from './no-if-not-exists-concurrent-index/rule.ts';
import { noIndexInPartitionedParent } from './no-index-in-partitioned-parent/rule.ts';
import { noInlineCheck } from './no-inline-check/rule.ts';
import { noInlineForeignKey } from './no-inline-foreign-key/rule.ts';
import { noInlineUnique } from './no-inline-unique/rule.ts';
import { noInvalidNotValid } from './no-invalid-not-valid/rule.ts';
import { noJsonColumn } from './no-json-column/rule.ts';
import { noLockTable } from './no-lock-table/rule.ts';
import { noMoneyType } from './no-money-type/rule.ts';
import { noMultipleForeignKeys } from './no-multiple-foreign-keys/rule.ts';
import { noNarrowingTypeChange } from './no-narrowing-type-change/rule.ts';
import { noNestedTransaction } from './no-nested-transaction/rule.ts';
import { noNewRequiredValue } from './no-new-required-value/rule.ts';
import { noNotNullWithoutDefault } from './no-not-null-without-default/rule.ts';
import { noNullablePrimaryKey } from './no-nullable-primary-key/rule.ts';
import { noOpenTransaction } from './no-open-transaction/rule.ts';
import { noPolicyLock } from './no-policy-lock/rule.ts';
import { noRenameColumn } from './no-rename-column/rule.ts';
import { noRenameEnumValue } from './no-rename-enum-value/rule.ts';
import { noRenameSchema } from './no-rename-schema/rule.ts';
import { noRenameTable } from './no-rename-table/rule.ts';
import { noRevoke } from './no-revoke/rule.ts';
import { noSetNotNull } from './no-set-not-null/rule.ts';
import { noStoredGeneratedColumn } from './no-stored-generated-column/rule.ts';
import { noTableRewrite } from './no-table-rewrite/rule.ts';
import { noTriggerLock } from './no-trigger-lock/rule.ts';
import { noTruncate } from './no-truncate/rule.ts';
import { noTruncatedIdentifier } from './no-truncated-identifier/rule.ts';
import { noUnboundedDelete } from './no-unbounded-delete/rule.ts';
import { noUnboundedUpdate } from './no-unbounded-update/rule.ts';
import { noUnsupportedSyntax } from './no-unsupported-syntax/rule.ts';
import { noValidateInSameTransaction } from './no-validate-in-same-transaction/rule.ts';
import { noVolatileDefault } from './no-volatile-default/rule.ts';
import { noWideLockWindow } from './no-wide-lock-window/rule.ts';
import { noWorkUnderExclusiveLock } from './no-work-under-exclusive-lock/rule.ts';
import { preferBigintKey } from './prefer-bigint-key/rule.ts';
import { preferEnumOrder } from './prefer-enum-order/rule.ts';
import { preferIdentity } from './prefer-identity/rule.ts';
import { preferJsonb } from './prefer-jsonb/rule.ts';
import { preferText } from './prefer-text/rule.ts';
import { preferTimestamptz } from './prefer-timestamptz/rule.ts';
import { requireConcurrentDetach } from './require-concurrent-detach/rule.ts';
import { requireConcurrentDropIndex } from './require-concurrent-drop-index/rule.ts';
import { requireConcurrentIndex } from './require-concurrent-index/rule.ts';
import { requireConcurrentRefresh } from './require-concurrent-refresh/rule.ts';
import { requireConcurrentReindex } from './require-concurrent-reindex/rule.ts';
import { requireConstraintName } from './require-constraint-name/rule.ts';
import { requireForeignKeyIndex } from './require-foreign-key-index/rule.ts';
import { requireIfExists } from './require-if-exists/rule.ts';
import { requireLockTimeout } from './require-lock-timeout/rule.ts';
import { requireNewIndexBeforeDrop } from './require-new-index-before-drop/rule.ts';
import { requireNotValidCheck } from './require-not-valid-check/rule.ts';
import { requireNotValidForeignKey } from './require-not-valid-foreign-key/rule.ts';
import { requirePrimaryKey } from './require-primary-key/rule.ts';
import { requirePrimaryKeyUsingIndex } from './require-primary-key-using-index/rule.ts';
import { requireSchemaName } from './require-schema-name/rule.ts';
import { requireStatementTimeout } from './require-statement-timeout/rule.ts';
import { requireUniqueUsingIndex } from './require-unique-using-index/rule.ts';

export const rules: readonly Rule[] = [
  noAttachPartitionScan,
  noAutoIncrementColumn,
  noCascade,
  noCharType,
  noColumnTypeRescan,
  noColumnTypeRewrite,
  noConcurrentInTransaction,
  noConstrainedDomainColumn,
  noCreatePartitionOf,
  noDataChangeWithSchemaChange,
  noDomainConstraint,
  noDropColumn,
  noDropConstraintInUse,
  noDropNotNull,
  noDropSchema,
  noDropTable,
  noEnumValueUseInTransaction,
  noExclusionConstraint,
  noForeignKeyDropLock,
  noIfNotExistsConcurrentIndex,
  noIndexInPartitionedParent,
  noInlineCheck,
  noInlineForeignKey,
  noInlineUnique,
  noInvalidNotValid,
  noJsonColumn,
  noLockTable,
  noMoneyType,
  noMultipleForeignKeys,
  noNarrowingTypeChange,
  noNestedTransaction,
  noNewRequiredValue,
  noNotNullWithoutDefault,
  noNullablePrimaryKey,
  noOpenTransaction,
  noPolicyLock,
  noRenameColumn,
  noRenameEnumValue,
  noRenameSchema,
  noRenameTable,
  noRevoke,
  noSetNotNull,
  noStoredGeneratedColumn,
  noTableRewrite,
  noTriggerLock,
  noTruncate,
  noTruncatedIdentifier,
  noUnboundedDelete,
  noUnboundedUpdate,
  noUnsupportedSyntax,
  noValidateInSameTransaction,
  noVolatileDefault,
  noWideLockWindow,
  noWorkUnderExclusiveLock,
  preferBigintKey,
  preferEnumOrder,
  preferIdentity,
  preferJsonb,
  preferText,
  preferTimestamptz,
  requireConcurrentDetach,
  requireConcurrentDropIndex,
  requireConcurrentIndex,
  requireConcurrentRefresh,
  requireConcurrentReindex,
  requireConstraintName,
  requireForeignKeyIndex,
  requireIfExists,
  requireLockTimeout,
  requireNewIndexBeforeDrop,
  requireNotValidCheck,
  requireNotValidForeignKey,
  requirePrimaryKey,
  requirePrimaryKeyUsingIndex,
  requireSchemaName,
  requireStatementTimeout,
  requireUniqueUsingIndex,
];
