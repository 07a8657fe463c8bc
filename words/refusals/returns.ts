import { refused } from '../sentence.ts';

/* Returns of units (RMA). */

export const RETURNS = {
  'return-first': refused(409, 'The unit was not returned', {
    closedOrder: [
      'unit {unit} belongs to the closed work order {workOrder}: record its return (RMA) first, then bring it back for rework',
      'la unidad {unit} pertenece a la orden de trabajo cerrada {workOrder}: registre primero su devolución (RMA) y después retrabájela',
      '设备 {unit} 属于已关闭的工单 {workOrder}：请先登记退货（RMA），再返工',
    ],
  }),
  'return-open': refused(409, 'The unit was received already', {
    received: [
      'unit {unit} was already received under RMA {rma}: close this return first',
      'la unidad {unit} ya se recibió con la RMA {rma}: cierre primero esa devolución',
      '设备 {unit} 已按 RMA {rma} 收货：请先结束该退货',
    ],
  }),
  'return-closed': refused(409, 'The unit has no open return', {
    none: [
      'unit {unit} has no open return: nothing to close',
      'la unidad {unit} no tiene ninguna devolución abierta: no hay nada que cerrar',
      '设备 {unit} 没有未结束的退货：无需结束',
    ],
  }),
  'not-returnable': refused(409, 'The unit cannot be returned', {
    noDevice: [
      'unit {unit} was never given to a device, so it cannot come back: check the Claim ID',
      'la unidad {unit} nunca se asignó a un dispositivo y no puede devolverse: compruebe el Claim ID',
      '设备 {unit} 从未发放给任何设备，不能退货：请检查 Claim ID',
    ],
    tooOften: [
      'unit {unit} was already returned {max} times: void or scrap it',
      'la unidad {unit} ya se devolvió {max} veces: anúlela o deséchela',
      '设备 {unit} 已退货 {max} 次：请作废或报废',
    ],
  }),
};
