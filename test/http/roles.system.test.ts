import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { secretHash } from '../../src/http/secret.ts';
import { sessionId } from '../../src/http/session.ts';
import { bytesOf } from '../support/response-bytes.ts';
import { openDesk, type Desk } from '../support/service.ts';
import { auditor, expiredToken, kiosk, person, revokedToken, SCOPES, token, type Headers } from '../support/askers.ts';

/*
 * Who may do what, in plain words, and not taken from what the routes say of themselves. Every route of the service has its
 * line: one that is missing here fails, and so does a line without its route.
 *
 * `status` is what those get who may. `scope` is the only one with which a service may, or one of two; `kiosk` may where it says what it is
 * held to. OPERATOR: to change people, and all that an operator may, since nobody hands out more than they have; KIOSK is the
 * same for screens. `anybody`
 * needs no token. A `page` is tried in sign-in.system.test.ts, what a `print agent` asks in print-agents.system.test.ts, and one's own account in sign-in-audit.system.test.ts. POST /v1/labels, exports, counts and reports
 * start a process for each file, so what is sent names no unit, or nothing that is there.
 */
const TABLE = `
  route                                     | status | operator | lead | qa  | auditor | admin | scope            | kiosk
  GET    /v1/units                          | 200    | -        | -    | may | may     | may   | units:list       | -
  GET    /v1/search                         | 200    | -        | -    | may | -       | may   | units:list       | -
  GET    /v1/search/suggestions             | 200    | -        | -    | may | -       | may   | units:list       | -
  POST   /v1/search/rebuild                 | 202    | -        | -    | -   | -       | may   | ledger:backup    | -
  POST   /v1/units                          | 201    | -        | -    | -   | -       | may   | units:make       | -
  POST   /v1/units/import                   | 201    | -        | -    | -   | -       | may   | units:make       | -
  POST   /v1/reservations                   | 201    | -        | -    | -   | -       | may   | units:make       | -
  GET    /v1/units/{uci}                    | 200    | may      | may  | may | may     | may   | units:read       | own unit
  GET    /v1/units/{uci}/events             | 200    | may      | may  | may | may     | may   | units:read       | own unit
  GET    /v1/units/{uci}/device.json5       | 200    | may      | may  | may | -       | may   | units:read       | own unit
  GET    /v1/units/{uci}/label.pdf          | 200    | may      | may  | may | -       | may   | units:read       | own unit
  GET    /v1/units/{uci}/label.zpl          | 200    | may      | may  | may | -       | may   | units:read       | own unit
  GET    /v1/units/{uci}/label.tspl         | 200    | may      | may  | may | -       | may   | units:read       | own unit
  GET    /v1/units/{uci}/label.svg          | 200    | may      | may  | may | -       | may   | units:read       | own unit
  GET    /v1/units/{uci}/label.png          | 200    | may      | may  | may | -       | may   | units:read       | own unit
  GET    /v1/units/{uci}/label.json         | 200    | may      | may  | may | -       | may   | units:read       | own unit
  GET    /v1/units/{uci}/prints             | 200    | may      | may  | may | may     | may   | units:read       | own unit
  GET    /v1/units/{uci}/prints/{job}       | 400    | may      | may  | may | -       | may   | units:read       | -
  GET    /v1/units/{uci}/prints/{job}/label.png | 400 | may     | may  | may | -       | may   | units:read       | -
  POST   /v1/units/{uci}/void               | 200    | -        | may  | may | -       | may   | units:void or units:end | -
  POST   /v1/units/{uci}/scrap              | 200    | -        | -    | may | -       | may   | units:end        | -
  POST   /v1/units/void                     | 200    | -        | may  | may | -       | may   | units:void or units:end | -
  POST   /v1/units/scrap                    | 200    | -        | -    | may | -       | may   | units:end        | -
  POST   /v1/returns                        | 409    | -        | may  | may | -       | may   | units:return     | -
  POST   /v1/units/{uci}/return             | 409    | -        | may  | may | -       | may   | units:return     | -
  POST   /v1/units/{uci}/return/close       | 409    | -        | may  | may | -       | may   | units:return     | -
  GET    /v1/returns                        | 200    | -        | -    | may | -       | may   | units:list       | -
  GET    /v1/returns/{rma}                  | 404    | -        | -    | may | -       | may   | units:list       | -
  POST   /v1/units/{uci}/unship             | 409    | -        | may  | may | -       | may   | shipping:manage  | -
  POST   /v1/units/{uci}/results            | 201    | -        | -    | -   | -       | may   | tests:report     | -
  GET    /v1/shipping-lists                 | 200    | may      | may  | may | -       | may   | catalog:read     | -
  GET    /v1/shipping-lists/{id}            | 200    | may      | may  | may | -       | may   | catalog:read     | -
  PUT    /v1/shipping-lists/{id}            | 200    | -        | may  | may | -       | may   | shipping:manage  | -
  POST   /v1/shipping-lists/{id}/close      | 200    | -        | may  | may | -       | may   | shipping:manage  | -
  GET    /v1/shipping-lists/{id}/units      | 200    | -        | -    | may | -       | may   | units:list       | -
  GET    /v1/shipping-lists/{id}/units.csv  | 200    | -        | -    | may | -       | may   | ledger:export    | -
  GET    /v1/reasons                        | 200    | may      | may  | may | -       | may   | catalog:read     | -
  POST   /v1/units/{uci}/release-sample     | 409    | -        | may  | may | -       | may   | units:void or units:end | -
  GET    /v1/exceptions/closed              | 200    | -        | -    | may | -       | may   | units:list       | -
  GET    /v1/exceptions.csv                 | 200    | -        | -    | may | -       | may   | ledger:export    | -
  GET    /v1/units.csv                      | 200    | -        | -    | may | -       | may   | ledger:export    | -
  GET    /v1/exceptions                     | 200    | -        | -    | may | -       | may   | units:list       | -
  POST   /v1/units/{uci}/exceptions/close   | 200    | -        | may  | may | -       | may   | units:void or units:end | -
  PUT    /v1/units/{uci}/reference          | 200    | -        | may  | may | -       | may   | units:void or units:end | -
  GET    /v1/reconciliation                 | 400    | -        | -    | may | -       | may   | units:list       | -
  GET    /v1/reconciliation/report.json     | 400    | -        | -    | may | -       | may   | units:list       | -
  GET    /v1/reconciliation/report.pdf      | 400    | -        | -    | may | -       | may   | units:list       | -
  GET    /v1/reservations/{name}            | 404    | -        | -    | may | may     | may   | units:list       | -
  GET    /v1/reservations/{name}/report.json | 404   | -        | -    | may | may     | may   | units:list       | -
  GET    /v1/reservations/{name}/report.pdf | 404    | -        | -    | may | may     | may   | units:list       | -
  POST   /v1/units/{uci}/print              | 202    | may      | may  | -   | -       | may   | labels:print     | own unit
  GET    /v1/labels/data                    | 200    | -        | -    | may | -       | may   | units:list       | -
  POST   /v1/labels                         | 400    | may      | may  | -   | -       | may   | labels:print     | -
  GET    /v1/ledger.csv                     | 400    | -        | -    | may | may     | may   | ledger:export    | -
  GET    /v1/ledger.jsonl                   | 400    | -        | -    | may | -       | may   | ledger:export    | -
  GET    /v1/ledger.xlsx                    | 400    | -        | -    | may | -       | may   | ledger:export    | -
  GET    /v1/ledger.zip                     | 400    | -        | -    | may | -       | may   | ledger:export    | -
  GET    /v1/events                         | 200    | -        | -    | may | -       | may   | events:read      | -
  GET    /v1/webhooks                       | 200    | -        | may  | may | -       | may   | access:read      | -
  GET    /v1/webhooks/{name}/deliveries     | 404    | -        | may  | may | -       | may   | access:read      | -
  POST   /v1/webhooks                       | 422    | -        | -    | -   | -       | may   | access:write     | -
  PATCH  /v1/webhooks/{name}                | 404    | -        | -    | -   | -       | may   | access:write     | -
  DELETE /v1/webhooks/{name}                | 404    | -        | -    | -   | -       | may   | access:write     | -
  POST   /v1/webhooks/{name}/pause          | 404    | -        | -    | -   | -       | may   | access:write     | -
  POST   /v1/webhooks/{name}/resume         | 404    | -        | -    | -   | -       | may   | access:write     | -
  POST   /v1/webhooks/{name}/secret         | 404    | -        | -    | -   | -       | may   | access:write     | -
  GET    /v1/ledger/backup                  | 200    | -        | -    | -   | -       | may   | ledger:backup    | -
  GET    /v1/ledger/exports                 | 200    | -        | -    | may | may     | may   | ledger:export    | -
  GET    /v1/ledger/checkpoint              | 200    | -        | -    | may | -       | may   | ledger:read      | -
  GET    /v1/ledger/key                     | 200    | -        | -    | may | may     | may   | ledger:read      | -
  GET    /v1/ledger/proof/{uci}             | 200    | -        | -    | may | -       | may   | ledger:read      | -
  GET    /v1/ledger/tlog-proof/{uci}        | 200    | -        | -    | may | -       | may   | ledger:read      | -
  GET    /v1/ledger/consistency             | 200    | -        | -    | may | -       | may   | ledger:read      | -
  POST   /v1/ledger/accept                  | 200    | -        | may  | -   | -       | may   | ledger:resume or ledger:accept | -
  POST   /v1/clock/accept                   | 200    | -        | may  | -   | -       | may   | ledger:resume or ledger:accept | -
  GET    /v1/label-templates                | 200    | may      | may  | may | -       | may   | catalog:read     | -
  GET    /v1/stations                       | 200    | may      | may  | may | -       | may   | stations:read    | -
  GET    /v1/stations/{name}                | 200    | may      | may  | may | -       | may   | stations:read    | own station
  GET    /v1/stations/{name}/events         | 200    | may      | may  | may | -       | may   | stations:read    | own station
  GET    /v1/stations/{name}/hand-over      | 200    | may      | may  | may | -       | may   | stations:read    | own station
  PUT    /v1/stations/{name}/scanner        | 200    | may      | may  | -   | -       | may   | stations:operate | own station
  PUT    /v1/stations/{name}                | 200    | -        | -    | -   | -       | may   | catalog:write    | -
  PATCH  /v1/stations/{name}                | 200    | -        | may  | -   | -       | may   | stations:changeover or catalog:write | -
  POST   /v1/stations/{name}/change-over    | 200    | -        | may  | -   | -       | may   | stations:changeover or catalog:write | -
  POST   /v1/stations/{name}/loaded         | 200    | may      | may  | -   | -       | may   | stations:operate | own station
  POST   /v1/stations/{name}/arm            | 200    | may      | may  | -   | -       | may   | stations:operate | own station
  POST   /v1/stations/{name}/cancel         | 200    | may      | may  | -   | -       | may   | stations:operate | own station
  POST   /v1/stations/{name}/next           | 200    | may      | may  | -   | -       | may   | stations:operate | own station
  POST   /v1/stations/{name}/same-device    | 200    | may      | may  | -   | -       | may   | stations:operate | own station
  POST   /v1/stations/{name}/verify         | 200    | may      | may  | -   | -       | may   | stations:operate | own station
  POST   /v1/stations/{name}/roll           | 202    | may      | may  | -   | -       | may   | labels:print     | own station
  POST   /v1/stations/{name}/test-label     | 200    | may      | may  | -   | -       | may   | labels:print     | own station
  POST   /v1/stations/{name}/key            | 201    | -        | -    | -   | -       | may   | access:write     | -
  DELETE /v1/stations/{name}/key            | 200    | -        | -    | -   | -       | may   | access:write     | -
  GET    /v1/products                       | 200    | may      | may  | may | may     | may   | catalog:read     | -
  PUT    /v1/products/{id}                  | 200    | -        | -    | -   | -       | may   | catalog:write    | -
  PATCH  /v1/products/{id}                  | 200    | -        | -    | -   | -       | may   | catalog:write    | -
  DELETE /v1/products/{id}                  | 409    | -        | -    | -   | -       | may   | catalog:write    | -
  GET    /v1/work-orders                    | 200    | may      | may  | may | may     | may   | orders:read or catalog:read or orders:plan | -
  PUT    /v1/work-orders/{id}               | 200    | -        | -    | -   | -       | may   | catalog:write    | -
  POST   /v1/work-orders/plan               | 200    | -        | -    | -   | -       | may   | orders:plan or catalog:write | -
  PATCH  /v1/work-orders/{id}               | 200    | -        | -    | -   | -       | may   | catalog:write    | -
  GET    /v1/work-orders/{id}/counts        | 404    | may      | may  | may | -       | may   | orders:read or catalog:read or orders:plan | -
  GET    /v1/work-orders/{id}/reconciliation | 404   | -        | -    | may | may     | may   | units:list       | -
  GET    /v1/work-orders/{id}/report.json   | 404    | -        | -    | may | may     | may   | units:list       | -
  GET    /v1/work-orders/{id}/report.pdf    | 404    | -        | -    | may | may     | may   | units:list       | -
  POST   /v1/work-orders/{id}/close         | 200    | -        | -    | may | -       | may   | orders:close | -
  POST   /v1/work-orders/{id}/reopen        | 200    | -        | -    | may | -       | may   | orders:close | -
  GET    /v1/printers                       | 200    | may      | may  | may | -       | may   | catalog:read     | -
  PUT    /v1/printers/{name}                | 200    | -        | -    | -   | -       | may   | catalog:write    | -
  PATCH  /v1/printers/{name}                | 200    | -        | -    | -   | -       | may   | catalog:write    | -
  PUT    /v1/printers/{name}/password       | 409    | -        | -    | -   | -       | may   | catalog:write    | -
  DELETE /v1/printers/{name}/password       | 200    | -        | -    | -   | -       | may   | catalog:write    | -
  POST   /v1/printers/{name}/ask            | 200    | -        | -    | -   | -       | may   | catalog:write    | -
  POST   /v1/printers/{name}/test           | 200    | may      | may  | -   | -       | may   | labels:print     | -
  POST   /v1/printers/{name}/token          | 409    | -        | -    | -   | -       | may   | access:write     | -
  DELETE /v1/printers/{name}/token          | 200    | -        | -    | -   | -       | may   | access:write     | -
  POST   /v1/print-agent/next               | 200    | print agent
  POST   /v1/print-agent/take               | 200    | print agent
  POST   /v1/print-agent/report             | 200    | print agent
  GET    /v1/print-jobs                     | 200    | may      | may  | may | -       | may   | stations:read    | own jobs
  GET    /v1/print-jobs/{id}                | 200    | may      | may  | may | -       | may   | stations:read    | own job
  POST   /v1/print-jobs/{id}/cancel         | 200    | may      | may  | -   | -       | may   | labels:print     | -
  POST   /v1/print-jobs/{id}/elsewhere      | 202    | may      | may  | -   | -       | may   | labels:print     | own job
  GET    /v1/label-templates/{name}         | 200    | may      | may  | may | -       | may   | catalog:read     | -
  GET    /v1/label-templates/{name}/source  | 200    | may      | may  | may | -       | may   | catalog:read     | -
  GET    /v1/label-templates/{name}/preview.svg | 200 | may     | may  | may | -       | may   | catalog:read     | -
  GET    /v1/label-templates/{name}/revisions | 200  | may      | may  | may | -       | may   | catalog:read     | -
  GET    /v1/label-templates/{name}/changes | 400    | may      | may  | may | -       | may   | catalog:read     | -
  GET    /v1/label-templates/{name}/approvals | 200  | may      | may  | may | -       | may   | catalog:read     | -
  GET    /v1/label-templates/{name}/codes   | 200    | may      | may  | may | -       | may   | catalog:read     | -
  POST   /v1/label-templates/{name}/approve | 404    | -        | -    | may | -       | may   | labels:approve   | -
  POST   /v1/label-templates/{name}/ask-approval | 404 | -        | -    | -   | -       | may   | catalog:write    | -
  POST   /v1/label-templates/{name}/revoke  | 404    | -        | -    | may | -       | may   | labels:approve   | -
  POST   /v1/catalog                        | 200    | -        | -    | -   | -       | may   | catalog:write    | -
  PUT    /v1/label-templates/{name}         | 409    | -        | -    | -   | -       | may   | catalog:write    | -
  DELETE /v1/stations/{name}                | 200    | -        | -    | -   | -       | may   | catalog:write    | -
  DELETE /v1/printers/{name}                | 409    | -        | -    | -   | -       | may   | catalog:write    | -
  DELETE /v1/work-orders/{id}               | 409    | -        | -    | -   | -       | may   | catalog:write    | -
  DELETE /v1/label-templates/{name}         | 409    | -        | -    | -   | -       | may   | catalog:write    | -
  POST   /v1/label-preview                  | 200    | may      | may  | may | -       | may   | catalog:read     | -
  POST   /v1/label-draft                    | 200    | may      | may  | may | -       | may   | catalog:read     | -
  POST   /v1/label-draft/print              | 200    | may      | may  | -   | -       | may   | labels:print     | -
  GET    /v1/label-logos                    | 200    | may      | may  | may | -       | may   | catalog:read     | -
  GET    /v1/label-logos/{name}             | 404    | may      | may  | may | -       | may   | catalog:read     | -
  PUT    /v1/label-logos/{name}             | 409    | -        | -    | -   | -       | may   | catalog:write    | -
  DELETE /v1/label-logos/{name}             | 409    | -        | -    | -   | -       | may   | catalog:write    | -
  GET    /v1/figures                        | 200    | -        | -    | may | -       | may   | units:list       | -
  GET    /v1/figures/shift                  | 200    | -        | -    | may | -       | may   | units:list       | -
  GET    /v1/figures/day                    | 200    | -        | -    | may | -       | may   | units:list       | -
  GET    /v1/figures/day.pdf                | 200    | -        | -    | may | -       | may   | units:list       | -
  GET    /v1/ledger/check                   | 200    | -        | -    | may | -       | may   | ledger:read      | -
  POST   /v1/ledger/check                   | 202    | -        | -    | may | -       | may   | ledger:read      | -
  GET    /v1/tokens                         | 200    | -        | may  | may | -       | may   | access:read      | -
  POST   /v1/tokens                         | 201    | -        | -    | -   | -       | may   | access:write     | -
  DELETE /v1/tokens/{name}                  | 200    | -        | -    | -   | -       | may   | access:write     | -
  GET    /v1/people                         | 200    | -        | may  | may | -       | may   | access:read      | -
  PUT    /v1/people/{name}                  | 200    | -        | may  | -   | -       | may   | OPERATOR         | -
  PATCH  /v1/people/{name}                  | 200    | -        | may  | -   | -       | may   | OPERATOR         | -
  DELETE /v1/people/{name}                  | 200    | -        | may  | -   | -       | may   | access:operators or access:write | -
  POST   /v1/people/{name}/link             | 201    | -        | may  | -   | -       | may   | OPERATOR         | -
  GET    /v1/people/{name}/badge.svg        | 404    | -        | may  | -   | -       | may   | access:operators or access:write | -
  POST   /v1/people/{name}/badge            | 404    | -        | may  | -   | -       | may   | access:operators or access:write | -
  POST   /v1/stations/{name}/kiosk          | 201    | -        | -    | -   | -       | may   | KIOSK            | -
  DELETE /v1/stations/{name}/kiosk          | 200    | -        | -    | -   | -       | may   | access:write     | -
  GET    /v1/hold-codes                     | 200    | -        | may  | may | -       | may   | access:read      | -
  POST   /v1/hold-codes                     | 201    | -        | -    | -   | -       | may   | ledger:accept    | -
  DELETE /v1/hold-codes/{name}              | 200    | -        | -    | -   | -       | may   | ledger:accept    | -
  GET    /v1/sessions                       | 200    | -        | may  | may | -       | may   | access:read      | -
  DELETE /v1/sessions/{id}                  | 200    | -        | -    | -   | -       | may   | access:write     | -
  GET    /v1/access-events                  | 200    | -        | may  | may | -       | may   | access:read      | -
  GET    /v1/audit                          | 200    | -        | may  | may | -       | may   | access:read      | -
  GET    /v1/audit.csv                      | 200    | -        | may  | may | -       | may   | access:read      | -
  GET    /v1/account                        | 200    | page
  GET    /v1/account/sessions               | 200    | page
  DELETE /v1/account/sessions/{id}          | 200    | page
  POST   /v1/account/confirm                | 200    | page
  POST   /account/sessions                  | 200    | page
  GET    /account/confirm                   | 200    | page
  POST   /account/confirm                   | 200    | page
  GET    /audit                             | 200    | page
  GET    /sign-ins                          | 200    | page
  POST   /sign-ins/{id}/end                 | 200    | page
  GET    /v1/forecasts                      | 200    | -        | may  | may | -       | may   | forecasts:handle | -
  POST   /v1/forecasts/snooze               | 404    | -        | may  | may | -       | may   | forecasts:handle | -
  GET    /v1/drills                         | 200    | -        | may  | may | -       | may   | drills:record    | -
  POST   /v1/drills                         | 201    | -        | may  | may | -       | may   | drills:record    | -
  GET    /v1/health                         | 200    | -        | may  | may | -       | may   | forecasts:handle | -
  POST   /v1/backups                        | 404    | -        | -    | -   | -       | may   | ledger:backup    | -
  GET    /v1/settings                       | 200    | -        | -    | -   | -       | may   | settings:read    | -
  PATCH  /v1/settings                       | 200    | -        | -    | -   | -       | may   | catalog:write    | -
  GET    /v1/support                        | 200    | -        | -    | -   | -       | may   | settings:read    | -
  GET    /health                            | 200    | page
  GET    /health/backups                    | 200    | page
  POST   /health/backups                    | 200    | page
  GET    /settings                          | 200    | page
  POST   /settings/site                     | 200    | page
  GET    /licences.txt                      | 200    | anybody
  GET    /help                              | 200    | anybody
  GET    /help/search                       | 200    | anybody
  GET    /help/images/{name}                | 404    | anybody
  GET    /help/card/{language}              | 200    | anybody
  GET    /help/{name}                       | 404    | anybody
  GET    /help/{folder}/{name}              | 200    | anybody
  GET    /forecasts                         | 200    | page
  POST   /forecasts/snooze                  | 200    | page
  GET    /metrics                           | 200    | -        | -    | may | -       | may   | metrics:read     | -
  GET    /healthz                           | 200    | anybody
  GET    /readyz                            | 200    | anybody
  GET    /.well-known/security.txt          | 200    | anybody
  GET    /openapi.json                      | 200    | anybody
  GET    /docs                              | 200    | anybody
  GET    /assets/{version}/{name}           | 200    | anybody
  GET    /site-logo                         | 404    | anybody
  GET    /*                                 | 404    | anybody
  GET    /                                  | 200    | page
  GET    /account                           | 200    | page
  POST   /account                           | 200    | page
  GET    /language/{language}               | 303    | anybody
  GET    /set-up                           | 200    | page
  GET    /set-up/steps                     | 200    | page
  POST   /products/{id}/remove             | 200    | page
  GET    /products                         | 200    | page
  GET    /product-settings                 | 200    | page
  POST   /product-settings                 | 200    | page
  POST   /product-settings/preview         | 200    | page
  GET    /labels                           | 200    | page
  GET    /labels/{name}                    | 200    | page
  POST   /labels/{name}                    | 200    | page
  GET    /labels/{name}/revision           | 200    | page
  GET    /labels/{name}/revisions          | 200    | page
  POST   /labels/{name}/duplicate          | 200    | page
  POST   /labels/{name}/approve            | 200    | page
  POST   /labels/{name}/ask                | 200    | page
  POST   /labels/{name}/stop               | 200    | page
  POST   /labels/{name}/test               | 200    | page
  POST   /labels/{name}/revoke             | 200    | page
  POST   /labels-import                    | 200    | page
  POST   /stations/{name}/remove           | 200    | page
  POST   /printers/{name}/remove           | 200    | page
  POST   /work-orders/{id}/remove          | 200    | page
  GET    /labels/{name}/edit               | 200    | page
  GET    /labels-new                       | 200    | page
  POST   /labels-new                       | 200    | page
  POST   /labels/{name}/remove             | 200    | page
  GET    /label-logos                      | 200    | page
  POST   /label-logos                      | 200    | page
  POST   /label-logos/{name}/remove        | 200    | page
  GET    /station-settings                 | 200    | page
  POST   /station-settings                 | 200    | page
  POST   /station-settings/key             | 200    | page
  POST   /station-settings/kiosk           | 200    | page
  POST   /station-settings/kiosk/close     | 200    | page
  GET    /printers                         | 200    | page
  GET    /printer-settings                 | 200    | page
  POST   /printer-settings                 | 200    | page
  POST   /printers/{name}/ask              | 200    | page
  POST   /printers/{name}/test             | 200    | page
  POST   /printer-settings/password        | 200    | page
  POST   /printer-settings/password/remove | 200    | page
  POST   /printer-settings/token           | 200    | page
  POST   /printer-settings/token/withdraw  | 200    | page
  GET    /people                           | 200    | page
  POST   /people                           | 200    | page
  GET    /badges                           | 200    | page
  POST   /badges                           | 200    | page
  POST   /people/{name}/link               | 200    | page
  POST   /people/{name}/remove             | 200    | page
  GET    /tokens                           | 200    | page
  POST   /tokens                           | 200    | page
  POST   /tokens/{name}/revoke             | 200    | page
  GET    /webhooks                         | 200    | page
  POST   /webhooks                         | 200    | page
  GET    /webhooks/{name}                  | 404    | page
  POST   /webhooks/{name}                  | 200    | page
  POST   /webhooks/{name}/pause            | 200    | page
  POST   /webhooks/{name}/resume           | 200    | page
  POST   /webhooks/{name}/secret           | 200    | page
  POST   /webhooks/{name}/remove           | 200    | page
  GET    /now                              | 200    | page
  GET    /now/shift                        | 200    | page
  GET    /exceptions                       | 200    | page
  POST   /units/{uci}/exceptions/close     | 200    | page
  GET    /search/suggestions               | 204    | page
  GET    /units                            | 200    | page
  GET    /returns                          | 200    | page
  GET    /returns/{rma}                    | 404    | page
  POST   /returns                          | 200    | page
  POST   /units/{uci}/return/close         | 200    | page
  GET    /units/end                        | 200    | page
  POST   /units/end                        | 200    | page
  GET    /units/{uci}                      | 200    | page
  GET    /units/{uci}/prints/{job}         | 200    | page
  POST   /units/{uci}/release-sample       | 200    | page
  POST   /units/{uci}/reference            | 200    | page
  POST   /units/{uci}/end                  | 200    | page
  POST   /units/{uci}/release-sample       | 200    | page
  POST   /units/{uci}/reference            | 200    | page
  GET    /work-orders                      | 200    | page
  POST   /work-orders                      | 200    | page
  GET    /work-orders/{id}                 | 200    | page
  POST   /work-orders/{id}/set             | 200    | page
  POST   /work-orders/{id}/close           | 200    | page
  POST   /work-orders/{id}/reopen          | 200    | page
  GET    /units/import                     | 200    | page
  POST   /units/import                     | 200    | page
  POST   /units/import/sure                | 200    | page
  GET    /units/files                      | 200    | page
  POST   /units/files                      | 200    | page
  GET    /units/files/{id}                 | 200    | page
  GET    /rolls                            | 200    | page
  POST   /rolls                            | 200    | page
  GET    /rolls/{name}                     | 200    | page
  POST   /rolls/{name}/print               | 200    | page
  GET    /rolls/{name}/labels              | 200    | page
  GET    /tasks/{id}                       | 200    | page
  GET    /tasks/{id}/now                   | 200    | page
  POST   /tasks/{id}/resume                | 200    | page
  GET    /reports                          | 200    | page
  GET    /shipping-lists                   | 200    | page
  POST   /shipping-lists                   | 200    | page
  GET    /shipping-lists/{id}              | 200    | page
  POST   /shipping-lists/{id}/close        | 200    | page
  POST   /shipping-lists/{id}/unship       | 200    | page
  GET    /charts                           | 200    | page
  GET    /exports                          | 200    | page
  GET    /ledger                           | 200    | page
  POST   /ledger/check                     | 200    | page
  GET    /ledger/check/now                 | 200    | page
  GET    /hold                             | 200    | page
  POST   /hold                             | 200    | page
  POST   /clock                            | 200    | page
  POST   /hold-codes                       | 200    | page
  POST   /hold-codes/{name}/withdraw       | 200    | page
  GET    /stations                          | 200    | page
  GET    /stations/{name}                   | 200    | page
  GET    /stations/{name}/now               | 200    | page
  GET    /stations/{name}/exceptions        | 200    | page
  GET    /stations/{name}/hand-over         | 200    | page
  GET    /stations/{name}/printers          | 200    | page
  GET    /stations/{name}/loaded            | 200    | page
  POST   /stations/{name}/scan              | 200    | page
  POST   /stations/{name}/do                | 200    | page
  GET    /stations/{name}/change-over       | 200    | page
  POST   /stations/{name}/change-over       | 200    | page
  GET    /stations/{name}/scanner           | 200    | page
  POST   /stations/{name}/scanner           | 200    | page
  POST   /stations/{name}/scanner/keep      | 200    | page
  GET    /sign-in                           | 200    | page
  POST   /sign-in                           | 200    | page
  GET    /sign-in/{link}                    | 200    | page
  POST   /sign-in/{link}                    | 200    | page
  POST   /sign-out                          | 200    | page
  POST   /ioto/serialize                    | 200    | anybody
  POST   /ioto/serialize/{stationKey}       | 200    | anybody
  POST   /ioto/serialize/*                  | 404    | anybody
  POST   /api/device/register               | 503    | anybody
  POST   /api/{stationKey}/device/register  | 503    | anybody
  ALL    /v1/*                              | 404    | with a token
`;

interface Row {
  method: string;
  path: string;
  status: number;
  who: string;
  roles: { operator: boolean; lead: boolean; qa: boolean; auditor: boolean; admin: boolean };
  /** A service needs one of each. */
  scopes: string[][];
  kiosk: string;
}

/** Handing out what an operator may. */
const OPERATOR = ['stations:read', 'stations:operate', 'labels:print', 'units:read', 'catalog:read'].map((one) => [
  one,
]);
const SEVERAL: Record<string, string[][]> = {
  OPERATOR: [['access:operators', 'access:write'], ...OPERATOR],
  KIOSK: [['access:write'], ...OPERATOR],
};

const ROWS = TABLE.trim()
  .split('\n')
  .slice(1)
  .map((line): Row => {
    const [route = '', status = '', who = '', lead, qa, auditor, admin, scope = '-', kiosk = '-'] = line
      .split('|')
      .map((cell) => cell.trim());
    const [method = '', path = ''] = route.split(/ +/);
    const may = [who, lead, qa, auditor, admin].map((cell) => cell === 'may');
    const [operator = false, ofLead = false, ofQa = false, ofAuditor = false, ofAdmin = false] = may;
    const roles = { operator, lead: ofLead, qa: ofQa, auditor: ofAuditor, admin: ofAdmin };
    const scopes = SEVERAL[scope] ?? [scope.split(' or ')];
    return { method, path, status: Number(status), who, roles, scopes, kiosk };
  });

const OPEN = ROWS.filter(({ who }) => who === 'anybody');
const GUARDED = ROWS.filter(({ who }) => who === 'may' || who === '-');

const PRODUCT = 'DEMO';
const OWN = 'NEST';
const ORDER = 'WO-1';
const ROLL = 'ROLL-1';
const OWN_SOURCE = '10.0.8.11';
const KEY_OF_OTHER = 'a-key-of-the-other-station-0123';

/** What makes a request of each route that changes something a good one. `UCI`: a unit at the kiosk's own station. */
const BODIES: Record<string, object> = {
  'POST /v1/units': { product: PRODUCT },
  'POST /v1/forecasts/snooze': { code: 'disk', days: 1 },
  'POST /v1/drills': { drill: 'printer', outcome: 'passed', seconds: 60 },
  'POST /v1/units/import': { units: [{ place: 'line 1', uci: 'NEWUCI', device: { product: PRODUCT } }] },
  'POST /v1/reservations': { name: 'ROLL', product: PRODUCT, count: 1 },
  'POST /v1/units/{uci}/void': { reason: 'label-damaged' },
  'POST /v1/units/{uci}/scrap': { reason: 'device-damaged' },
  'POST /v1/units/{uci}/release-sample': { reason: 'test' },
  'POST /v1/units/{uci}/exceptions/close': { kind: 'no-label', note: 'test' },
  'PUT /v1/units/{uci}/reference': { reference: true },
  'POST /v1/returns': { code: 'UCI', rma: 'RMA-1', reason: 'test', disposition: 'rework' },
  'POST /v1/units/{uci}/return': { rma: 'RMA-1', reason: 'test', disposition: 'rework' },
  'POST /v1/units/{uci}/return/close': { how: 'kept' },
  'POST /v1/units/{uci}/unship': { reason: 'carton damaged' },
  'POST /v1/units/{uci}/results': { procedure: 'functional', outcome: 'passed' },
  'PUT /v1/shipping-lists/{id}': { target: 7 },
  'POST /v1/units/void': { units: ['UCI'], reason: 'label-damaged' },
  'POST /v1/units/scrap': { units: ['UCI'], reason: 'device-damaged' },
  'POST /v1/work-orders/{id}/close': { signOff: { all: 'test' } },
  'POST /v1/work-orders/{id}/reopen': { reason: 'test' },
  'POST /v1/units/{uci}/print': { printer: 'P' },
  'POST /v1/print-jobs/{id}/elsewhere': { printer: 'P-2' },
  // Nothing is held, so no code is used up.
  'POST /v1/ledger/accept': { size: 1, code: 'not-a-code' },
  'POST /v1/clock/accept': { date: new Date().toISOString().slice(0, 10), code: 'not-a-code' },
  'POST /v1/hold-codes': { name: 'C-NEWUCI' },
  'POST /v1/tokens': { name: 'T-NEWUCI', role: 'service', scopes: ['access:write'] },
  'PUT /v1/people/{name}': { role: 'operator' },
  'POST /v1/people/{name}/badge': { printer: 'P' },
  'PUT /v1/stations/{name}/scanner': { result: 'Suffix: Enter' },
  'PUT /v1/stations/{name}': { mode: 'slot', sources: [OWN_SOURCE], printer: 'P' },
  'PATCH /v1/stations/{name}': { printer: 'P' },
  'POST /v1/stations/{name}/change-over': { workOrder: 'RUN' },
  'POST /v1/stations/{name}/loaded': { loaded: '62x40' },
  'POST /v1/stations/{name}/arm': { code: 'UCI', reason: 'rework' },
  'POST /v1/stations/{name}/verify': { label: 'UCI' },
  'POST /v1/stations/{name}/roll': { after: 'UCI', reason: 'roll torn' },
  'POST /v1/catalog': { check: true },
  'PATCH /v1/settings': { siteName: 'Works 2' },
  'POST /v1/label-preview': { id: PRODUCT },
  'POST /v1/label-draft': {
    source: '{ media: { width: 20, height: 20 }, boxes: [{ type: "qr", x: 1, y: 1, w: 18, h: 18 }] }',
  },
  'POST /v1/label-draft/print': {
    source: '{ media: { width: 20, height: 20 }, boxes: [{ type: "qr", x: 1, y: 1, w: 18, h: 18 }] }',
    printer: 'P',
  },
  'PUT /v1/label-logos/{name}': { picture: 'AAAA' },
  // The name is that of a file.
  'POST /v1/label-templates/{name}/approve': { revision: 1 },
  'POST /v1/label-templates/{name}/ask-approval': { revision: 1 },
  'POST /v1/label-templates/{name}/revoke': { revision: 1, reason: 'test' },
  'PUT /v1/label-templates/{name}': {
    source: '{ media: { width: 20, height: 20 }, boxes: [{ type: "qr", x: 1, y: 1, w: 18, h: 18 }] }',
    revision: 0,
  },
  'POST /v1/webhooks': { name: 'erp', url: 'https://erp.example.com/' },
  'PATCH /v1/webhooks/{name}': { types: ['issued'] },
  'POST /v1/webhooks/{name}/resume': {},
  'POST /v1/webhooks/{name}/secret': {},
  'PUT /v1/products/{id}': { name: 'Thermostat' },
  'PATCH /v1/products/{id}': { name: 'Thermostat' },
  'PUT /v1/work-orders/{id}': { product: PRODUCT, planned: 7 },
  'POST /v1/work-orders/plan': { orders: [{ reference: 'WO-2', product: PRODUCT, planned: 7 }] },
  'PATCH /v1/work-orders/{id}': { product: PRODUCT, planned: 7 },
  'PUT /v1/printers/{name}': { kind: 'file', folder: '/proc/nowhere', format: 'zpl' },
  'PUT /v1/printers/{name}/password': { password: '3-sheep-on-a-roof' },
  'PATCH /v1/printers/{name}': { kind: 'file', folder: '/proc/nowhere', format: 'zpl' },
  'POST /api/device/register': { id: 'UCI', product: PRODUCT },
  'POST /api/{stationKey}/device/register': { id: 'UCI', product: PRODUCT },
  'POST /ioto/serialize': { product: PRODUCT },
  'POST /ioto/serialize/{stationKey}': { product: PRODUCT },
};

/** What a kiosk of another station gets. A list of jobs is there for it, but these jobs are not in it. */
const ELSEWHERE: Record<string, number> = { 'own unit': 404, 'own job': 404, 'own jobs': 200 };

interface Request {
  method: string;
  path: string;
  body?: string;
}
interface Answer {
  status: number;
  /** Without what is another each time. */
  said: object;
}

describe('every route', () => {
  let desk: Desk;
  let askers: Record<string, Headers>;

  const record: Desk['house']['ledger']['record'] = (command) => desk.house.ledger.record(command);
  const move = (kind: 'cancel' | 'next') => record({ kind, station: OWN, actor: 'test' });

  /** On a slow machine, these tests take longer than a confirmed password counts. */
  beforeEach(async () => {
    const { ledger } = desk.house;
    for (const { hash, name, kiosk } of await ledger.credentials('session')) {
      const password = kiosk ? undefined : (await ledger.person(name))?.password;
      if (password !== undefined) await record({ kind: 'confirm-session', hash, password, confirmedAt: Date.now() });
    }
  });

  /** Each from an address of its own: one that often has no right to ask is answered late. */
  async function send({ method, path, body }: Request, headers: Headers): Promise<Answer> {
    const init = body === undefined ? { method, headers } : { method, headers, body };
    const remoteAddress = `10.1.${++sent >> 8}.${sent & 0xff}`;
    const answer = await desk.app.request(path, init, { incoming: { socket: { remoteAddress } } });
    const text = (await bytesOf(answer)).toString().replace(/"requestId":"[0-9a-f-]{36}"/, '');
    return { status: answer.status, said: { headers: [...answer.headers], text } };
  }

  /** A device came to the kiosk's own station, and its unit is at the point where this route goes on. */
  async function unitFor(route: string): Promise<string> {
    // At once, which is in this order and in one commit.
    const [, , { uci }] = await Promise.all([
      move('cancel'),
      move('next'),
      record({
        kind: 'issue',
        product: PRODUCT,
        identity: [],
        attributes: `{"product":"${PRODUCT}"}`,
        station: OWN,
        source: OWN_SOURCE,
        strict: false,
      }),
    ]);
    if (route.endsWith('/roll')) return firstOfRoll();
    if (/\/(same-device)$/.test(route)) await record({ kind: 'verify', station: OWN, label: uci, actor: 'test' });
    if (/\/(void|scrap|arm|change-over)$|^(PUT|PATCH)/.test(route)) await move('next');
    if (/\/(close|reopen)$/.test(route)) await prepareOrder(route.endsWith('close'));
    return uci;
  }

  async function firstOfRoll(): Promise<string> {
    const roll = { as: 'reserved', product: PRODUCT, count: 2, reservation: `roll-${++made}` } as const;
    const { units } = await record({ kind: 'make', ...roll, strict: false, actor: 'test' });
    const [first] = units;
    await record({ kind: 'print-roll', station: OWN, units: [first?.uci as string], reason: 'test', actor: 'test' });
    return first?.uci as string;
  }

  /** A work order that is open, or closed. */
  async function prepareOrder(open: boolean): Promise<void> {
    const order = { id: ORDER, product: PRODUCT, planned: 7, overIssue: 'warn' as const };
    await record({ kind: 'set-work-order', workOrder: order, actor: 'test' });
    const closed = (await desk.house.ledger.workOrders()).find(({ id }) => id === ORDER)?.closed !== undefined;
    if (open && closed) await record({ kind: 'reopen-work-order', workOrder: ORDER, reason: 'test', actor: 'test' });
    if (!open && !closed) await desk.ask('POST', `/v1/work-orders/${ORDER}/close`, {});
  }

  async function jobOf(uci: string): Promise<number> {
    return (await record({ kind: 'print', uci, printer: 'P', station: OWN, copies: 1, actor: 'test' })).job;
  }

  let made = 0;
  let sent = 0;

  /** Of a token, a person or a hold code that is there. */
  async function nameOf(path: string): Promise<string> {
    const name = `N-${++made}`;
    if (path.startsWith('/v1/people')) await record({ kind: 'set-person', name, role: 'operator', actor: 'test' });
    else if (path.startsWith('/v1/hold-codes'))
      await record({
        kind: 'make-hold-code',
        name,
        hash: secretHash(name),
        expiresAt: Date.now() + 60_000,
        actor: 'test',
      });
    else await record({ kind: 'create-token', name, role: 'qa', hash: secretHash(name), actor: 'test' });
    return name;
  }

  async function newList(): Promise<string> {
    const id = `L-${++made}`;
    await record({ kind: 'set-shipping-list', list: { id, target: 3 }, actor: 'test' });
    return id;
  }

  /** A request that does what it asks for whenever who sends it may. */
  async function goodRequest({ method, path }: Row): Promise<Request> {
    const route = `${method} ${path}`;
    const uci = method === 'GET' && !/\{uci\}|print-jobs\/\{/.test(path) ? '' : await unitFor(route);
    const names: Record<string, string> = { uci, stationKey: KEY_OF_OTHER };
    names['name'] = path.includes('/printers/') ? 'P' : OWN;
    names['id'] = path.includes('/products/') ? PRODUCT : path.includes('/print-jobs/') ? `${await jobOf(uci)}` : ORDER;
    if (path === '/v1/sessions/{id}') {
      await kiosk(desk, 'THIRD');
      const sessions = await desk.house.ledger.credentials('session');
      names['id'] = sessionId(sessions.findLast(({ name }) => name === 'THIRD')?.hash as Uint8Array);
    }
    if (path.startsWith('/v1/shipping-lists/')) names['id'] = await newList();
    // Closing it would put out the screens that ask.
    if (path.endsWith('/kiosk')) names['name'] = 'THIRD';
    if (path.startsWith('/v1/reservations/')) names['name'] = method === 'GET' ? 'NOTHING' : ROLL;
    if (/^\/v1\/work-orders\/\{id\}\/(counts|reconciliation|report)/.test(path)) names['id'] = 'NOTHING';
    if (/\/v1\/(tokens|people|hold-codes)\/\{/.test(path)) names['name'] = await nameOf(path);
    if (path.startsWith('/v1/label-templates/')) names['name'] = 'device-62x40';
    // Every other request needs the stations that are there.
    if (route === 'DELETE /v1/stations/{name}') {
      names['name'] = 'UNUSED';
      await record({ kind: 'set-station', merge: true, station: { name: 'UNUSED' }, actor: 'test' });
    }
    if (path.startsWith('/v1/label-logos/')) names['name'] = 'claimstamp.svg';
    if (path.startsWith('/assets/')) names['name'] = 'page.css';
    if (path === '/help/{folder}/{name}') Object.assign(names, { folder: 'problems', name: 'invalid' });
    names['language'] = 'es';
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => names[name] as string).replace('*', 'no/such/place');
    const query =
      path === '/v1/figures'
        ? '?from=2026-11-25&to=2026-11-25'
        : path.startsWith('/v1/reconciliation')
          ? '?day=nothing'
          : path.startsWith('/v1/figures/day')
            ? '?day=2026-11-25'
            : path === '/v1/search/suggestions'
              ? '?text=METER'
              : path.startsWith('/v1/ledger.')
                ? '?of=nothing'
                : '';
    const request = { method: method === 'ALL' ? 'GET' : method, path: filled + query };
    if (method === 'GET' || method === 'DELETE' || method === 'ALL') return request;
    // Nobody imports the same twice; of the letters of Claim IDs the digits are enough.
    const fresh = `${++made}`.padStart(10, '0');
    return {
      ...request,
      body: JSON.stringify(BODIES[route] ?? {})
        .replaceAll('NEWUCI', fresh)
        .replaceAll('UCI', uci),
    };
  }

  /** The same for names that nobody has, with a body that is nothing. */
  function strangeRequest({ method, path }: Row): Request {
    const strange = path
      .replace('{uci}', 'ZZZZZZZZZZ')
      .replace('{id}', '9999999')
      .replace(/\{\w+\}/, 'NOBODY');
    return method === 'GET' || method === 'DELETE' ? { method, path: strange } : { method, path: strange, body: '{"' };
  }

  beforeAll(async () => {
    desk = await openDesk({ CLAIMSTAMP_SECURITY_CONTACT: 'mailto:security@example.com' });
    await desk.ask('PUT', `/v1/products/${PRODUCT}`, {});
    for (const name of ['P', 'P-2'])
      await desk.ask('PUT', `/v1/printers/${name}`, { kind: 'file', folder: '/proc/nowhere', format: 'zpl' });
    await desk.ask('PUT', `/v1/stations/${OWN}`, { mode: 'slot', sources: [OWN_SOURCE], printer: 'P' });
    await desk.ask('POST', '/v1/reservations', { name: ROLL, product: PRODUCT, count: 1 });
    await prepareOrder(true);
    await desk.ask('PUT', '/v1/work-orders/RUN', { product: PRODUCT, planned: 7 });
    await desk.ask('PUT', '/v1/stations/OTHER', { printer: 'P' });
    await desk.ask('PUT', '/v1/stations/THIRD', {});
    await record({ kind: 'set-station-key', station: 'OTHER', hash: secretHash(KEY_OF_OTHER), actor: 'test' });
    askers = {
      nobody: {},
      'a wrong token': { authorization: 'Bearer a-token-that-nobody-ever-made-0123456789' },
      'an expired token': await expiredToken(desk, 'expired'),
      'a revoked token': await revokedToken(desk, 'revoked'),
      operator: await token(desk, 'operator', 'operator'),
      lead: await token(desk, 'lead', 'lead'),
      qa: await token(desk, 'qa', 'qa'),
      admin: await token(desk, 'admin', 'admin'),
      'operator, signed in': await person(desk, 'Olga', 'operator'),
      'lead, signed in': await person(desk, 'Lena', 'lead'),
      'qa, signed in': await person(desk, 'Quentin', 'qa'),
      'auditor, signed in': await auditor(desk, 'Aud', [PRODUCT]),
      'admin, signed in': await person(desk, 'Ada', 'admin'),
      'kiosk here': await kiosk(desk, OWN),
      'kiosk elsewhere': await kiosk(desk, 'OTHER'),
    };
    for (const scope of SCOPES) {
      askers[`service ${scope}`] = await token(desk, `only ${scope}`, 'service', [scope]);
      askers[`service all but ${scope}`] = await token(
        desk,
        `all but ${scope}`,
        'service',
        SCOPES.filter((one) => one !== scope),
      );
    }
  });

  /**
   * Everybody but most of the services: permissions only add, so where one of them alone opens a route, no other is
   * needed, and where all but one do not, no other is enough.
   */
  function askersOf({ scopes }: Row): [string, Headers][] {
    return Object.entries(askers).filter(([asker]) => {
      const scope = /^service (?:all but )?(.*)/.exec(asker)?.[1];
      return scope === undefined || scopes.flat().includes(scope);
    });
  }

  /** The cell of the table: the status that this asker gets for a good request. */
  function cell({ roles, scopes, kiosk: held, status }: Row, asker: string): number {
    if (/^nobody$|^a wrong|^an expired|^a revoked/.test(asker)) return 401;
    const role = /^(operator|lead|qa|auditor|admin)/.exec(asker)?.[1] as keyof Row['roles'] | undefined;
    if (role !== undefined) return roles[role] ? status : 403;
    if (asker === 'kiosk here') return held === '-' ? 403 : status;
    if (asker === 'kiosk elsewhere') return ELSEWHERE[held] ?? 403;
    const all = asker.startsWith('service all but ');
    const scope = asker.slice((all ? 'service all but ' : 'service ').length);
    const may = scopes.every((any) => (all ? any.some((one) => one !== scope) : any.includes(scope)));
    return may ? status : 403;
  }

  it('stands in the table, and every line of the table is a route', () => {
    const named = (path: string): string => path.replace(/:(\w+)/g, '{$1}');
    const routes = desk.app.routes.map(({ method, path }) => ({ method, path: named(path) }));
    const lines = new Set(ROWS.map(({ method, path }) => `${method} ${path}`));
    const paths = new Set(ROWS.filter(({ method }) => method !== 'ALL').map(({ path }) => path));
    const missing = routes.filter(({ method, path }) => {
      // What refuses all other methods of an address stands beside every one; middleware is for all of them.
      if (method === 'ALL' && (paths.has(path) || path === '/*')) return false;
      return !lines.has(`${method} ${path}`);
    });
    expect(missing, 'routes without a line in the table of who may do what').toEqual([]);
    const there = new Set(routes.map(({ method, path }) => `${method} ${path}`));
    expect([...lines].filter((line) => !there.has(line))).toEqual([]);
  });

  it.each(GUARDED)('$method $path is for whom the table says, and whoever else writes nothing', async (row) => {
    let request = await goodRequest(row);
    for (const [asker, headers] of askersOf(row)) {
      const size = await desk.size();
      const answer = await send(request, headers);
      const expected = cell(row, asker);
      expect({ asker, status: answer.status }, JSON.stringify(answer.said)).toEqual({ asker, status: expected });
      if (expected === row.status) {
        // What it asked for is done: the next asker needs another unit, or the same one where it was.
        if (row.method !== 'GET') request = await goodRequest(row);
        continue;
      }
      expect(await desk.size(), asker).toBe(size);
      // Nothing about what exists, or what is wrong with the request, to whom it may not be sent.
      // Who may hand out something is told of what is not there before it is told that it may not hand out that much.
      if (expected !== 404 && row.scopes.length === 1)
        expect(await send(strangeRequest(row), headers), asker).toEqual(answer);
    }
  });

  it.each(GUARDED.filter(({ method }) => method !== 'GET'))(
    "$method $path wants the form's token of who comes with a cookie",
    async (row) => {
      for (const asker of ['admin, signed in', 'kiosk here']) {
        const { cookie = '' } = askers[asker] ?? {};
        const request = await goodRequest(row);
        const size = await desk.size();
        for (const shown of [{}, { 'x-csrf-token': '' }, { 'x-csrf-token': 'A'.repeat(43) }]) {
          expect((await send(request, { cookie, ...shown })).status).toBe(403);
        }
        expect(await desk.size()).toBe(size);
      }
    },
  );

  it.each(GUARDED.filter(({ method }) => method === 'GET'))('HEAD $path is guarded like GET', async (row) => {
    const { path } = await goodRequest(row);
    for (const [asker, headers] of askersOf(row)) {
      const { status } = await send({ method: 'HEAD', path }, headers);
      expect({ asker, status }).toEqual({ asker, status: cell(row, asker) });
    }
  });

  it.each(OPEN)('$method $path is for anybody', async (row) => {
    for (const [asker, headers] of askersOf(row)) {
      if (row.method !== 'GET') await move('next');
      const { status } = await send(await goodRequest(row), headers);
      expect({ asker, status }).toEqual({ asker, status: row.status });
    }
  });

  it('that is none is 401 without a token, and 404 with any', async () => {
    for (const [asker, headers] of Object.entries(askers)) {
      const { status } = await send({ method: 'GET', path: '/v1/no/such/place' }, headers);
      const without = /^nobody$|^a wrong|^an expired|^a revoked/.test(asker);
      expect({ asker, status }).toEqual({ asker, status: without ? 401 : 404 });
    }
  });

  it('takes no other method from anybody', async () => {
    const known = new Map<string, Set<string>>();
    for (const { method, path } of ROWS) known.set(path, (known.get(path) ?? new Set()).add(method));
    for (const [path, methods] of known) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        if (methods.has(method) || methods.has('ALL')) continue;
        // The address of one work order also fits the address that plans several.
        if (path === '/v1/work-orders/plan' && known.get('/v1/work-orders/{id}')?.has(method)) continue;
        const { status } = await send({ method, path: path.replace(/\{\w+\}|\*/g, 'X') }, askers['admin'] ?? {});
        // What is a Claim ID in another address may be one here: it is looked up, and not there.
        expect([404, 405], `${method} ${path}`).toContain(status);
      }
    }
  });
});
